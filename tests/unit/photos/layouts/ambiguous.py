"""Further ways to pack photos, with folders whose names may be a breed's or a program's, and names of many forms.

As `packed`: the names follow the sources' ways of naming, the photos do not exist.
"""

from __future__ import annotations

import json

from tests.unit.photos.layouts.packed import UUIDS, Layout, files

H = ("a3f9c2d1", "b81e07aa", "c09d4f3b", "d77aa1e0", "e5b3c8f9", "f04e6d12")
C, B = ["cat", "dog"], ["beagle", "pug"]


def _ambiguous() -> list[Layout]:
    flat = {f"photos/{n:03}.jpg": C[n % 2] for n in range(10)}
    names = [p[7:] for p in flat]
    return [
        Layout("hot dog", {f"seefood/{s}/{b}/{n}{s[1]}.jpg":b for s in("train","test") for b in("hot_dog","not_hot_dog") for n in range(5)}),
        Layout("gestures with person folders outside", {f"{p}/{b}/{n}.png":b for p in ("person_1","person_2","person_3") for b in ("fist","palm","thumb") for n in range(4)}),
        Layout("fingers: thumb class", {f"hands/{b}/{b}_{n}.png":b for b in ("index","thumb","ring") for n in range(4)}),
        Layout("weather words as classes", {f"weather/{b}/{n}.jpg":b for b in ("cloudy","foggy","rainy","snow","sunny") for n in range(4)}),
        Layout("seasons as classes", {f"photos/{b}/{n}.jpg":b for b in ("spring","summer","autumn","winter") for n in range(4)}, asks=True),
        Layout("emotions", {f"fer/{s}/{b}/{x}_{n}.jpg":b for s,x in(("train","Training"),("test","PublicTest")) for b in ("angry","happy","neutral") for n in range(4)}),
        Layout("real and fake", {f"real_vs_fake/real-vs-fake/{s}/{b}/{n:05}{s}.jpg":b for s in("train","test","valid") for b in("real","fake") for n in range(4)}, ["train.csv"], {"train.csv": ",original_path,id,label,label_str,path\n"+"".join(f"{n},/kaggle/{b}/{n:05}.jpg,{n:05},{int(b=='real')},{b},train/{b}/{n:05}train.jpg\n" for b in ("real","fake") for n in range(4))}),
        Layout("defects ok_front and def_front", {f"casting/casting_data/{s}/{b}/cast_{b[:3]}_0_{n}{s}.jpeg":b for s in("train","test") for b in("def_front","ok_front") for n in range(5)}),
        Layout("cracks positive negative", {f"{b}/{n:05}.jpg":b for b in("Positive","Negative") for n in range(5)}, asks=True),
        Layout("pins", {f"105_classes_pins_dataset/pins_{b}/{b}{n}_{n*7}.jpg":f"pins_{b}" for b in("Adriana Lima","Brad Pitt") for n in range(5)}),
        Layout("numbers and names of bricks", {f"LEGO brick images/{b}/{n:04}.png":b for b in("11214 Bush 3M friction","18651 Cross Axle 2M","2357 Brick corner 1x2x2") for n in range(4)}),
        Layout("cookies by country", {f"food/{k}/{b}/{n}.jpg":b for k,bs in(("Italy",("pizza","risotto")),("Japan",("ramen","sushi"))) for b in bs for n in range(4)}, asks=True),
        Layout("satellite tif", {f"UCMerced_LandUse/Images/{b}/{b}{n:02}.tif":b for b in("agricultural","airplane","beach") for n in range(4)}),
        Layout("train/labels.csv and test/labels.csv", {f"{s}/{n:04}.png":B[n%2] for s in("train","test") for n in range(8)}, (), {f"{s}/labels.csv":"name;class\n"+"".join(f"{n:04}.png;{B[n%2]}\n" for n in range(8)) for s in("train","test")}),
        Layout("split in a column", flat, (), {"data.csv":"split,file,target\n"+"".join(f"{['train','val','test'][n%3]},{p},{b}\n" for n,(p,b) in enumerate(flat.items()))}),
        Layout("labels.json with list of dicts of id and category", flat, (), {"labels.json":json.dumps({"annotations":[{"image_id":n[:-4],"category":C[k%2]} for k,n in enumerate(names)]})}),
        Layout("category ids and categories in one json", flat, (), {"ann.json":json.dumps({"categories":[{"id":1,"name":"cat"},{"id":2,"name":"dog"}],"images":[{"file":n,"category_id":1+k%2} for k,n in enumerate(names)]})}),
        Layout("herbarium", {f"train_images/{n//5:03}/{n:05}.jpg":["Acer rubrum","Quercus alba"][n//5] for n in range(10)}, (), {"train_metadata.json":json.dumps({"images":[{"image_id":f"{n:05}","file_name":f"{n//5:03}/{n:05}.jpg"} for n in range(10)],"annotations":[{"image_id":f"{n:05}","category_id":n//5} for n in range(10)],"categories":[{"category_id":0,"scientificName":"Acer rubrum"},{"category_id":1,"scientificName":"Quercus alba"}]})}, asks=True),
        Layout("snapshots csv", {f"S1/B{k:02}/B{k:02}_R1/S1_B{k:02}_R1_PICT{n:04}.JPG":["zebra","gazelle"][n%2] for k in(4,5) for n in range(6)}, (), {"annotations.csv":"capture_id,image_path,species,count\n"+"".join(f"{k}{n},S1/B{k:02}/B{k:02}_R1/S1_B{k:02}_R1_PICT{n:04}.JPG,{['zebra','gazelle'][n%2]},1\n" for k in(4,5) for n in range(6))}),
        Layout("GBIF binomials in names", {f"{b}__{n*9876543}.jpg":b for b in("Canis_lupus","Felis_catus") for n in range(1,6)}),
        Layout("fungi names dashes", {f"{i:02d}-{b}-{n}.jpg":b for i,b in((1,"amanita-muscaria"),(2,"boletus-edulis")) for n in range(1,6)}),
        Layout("photo-of-", {f"photo-of-{b}-{n}.jpg":b for b in B for n in range(1,6)}),
        Layout("dog-breed-beagle-1", {f"dog-breed-{b}-{n}.jpg":f"dog-breed-{b}" for b in B for n in range(1,6)}),
        Layout("(beagle) IMG", {f"({b}) IMG_{n}.jpg":b for b in B for n in range(1,6)}),
        Layout("[beagle]001", {f"[{b}]{n:03}.jpg":b for b in B for n in range(1,6)}),
        Layout("beagle=1", {f"{b}={n}.jpg":b for b in B for n in range(1,6)}),
        Layout("beagle,1", {f"{b}, {n}.jpg":b for b in B for n in range(1,6)}),
        Layout("hash after two underscores and size", {f"{b}_{h}_640x480.jpg":b for b in B for h in H}),
        Layout("camel case names", {f"{b}{n}.jpg":b for b in ("GoldenRetriever","FrenchBulldog") for n in range(1,6)}),
        Layout("cats/IMG + dogs/IMG in zip of zips wrapper with spaces", {f"My Project (final) v2/Data set/{b}/IMG_{n}.JPG":b for b in C for n in range(5)}),
        Layout("upper outer: class letter folders", {f"DATASET/{s}/{b}/{b}_{n}.jpg":b for s in("TRAIN","TEST") for b in "OR" for n in range(5)}),
        Layout("sets of one class per split differently nested", {f"train/{b}/{n}.jpg":b for b in B for n in range(5)}|{f"test/images/{b}/t{n}.jpg":b for b in B for n in range(3)}),
        Layout("mixed: train by folder, test flat with csv", {f"train/{b}/{n}.jpg":b for b in B for n in range(8)}, [f"test/t{n}.jpg" for n in range(4)], {"test.csv":"id\n"+"".join(f"t{n}.jpg\n" for n in range(4))}),
        Layout("k-fold folders", {f"fold_{k}/{b}/{k}{n}.jpg":b for k in range(1,6) for b in B for n in range(2)}),
        Layout("fold then split", {f"Fold1/Fold1/{s}/{b}/{n}.jpg":b for s in("Train","Val","Test") for b in("Monkeypox","Others") for n in range(3)}),
        Layout("original and augmented, another spelling", {f"Original Images/{b}/{b[0]}{n:02}.jpg":b for b in("Monkey Pox","Others") for n in range(4)}|{f"Augmented Images/{b}_augmented/{b[0]}{n:02}_0{k}.jpg":o for b,o in(("Monkeypox","Monkey Pox"),("Others","Others")) for n in range(4) for k in range(2)}, asks=True),
        Layout("AugmentedAlzheimer", {f"{d}/{b}/{d[0]}{n}{b}.jpg":b for d in("OriginalDataset","AugmentedAlzheimerDataset") for b in("MildDemented","NonDemented") for n in range(4)}),
        Layout("years as classes of coins", {f"coins/{b}/{n}.jpg":b for b in ("1 cent","2 cent","5 cent","1 euro") for n in range(4)}),
        Layout("character_1_ka", {f"Train/{b}/{n}.png":b for b in("character_1_ka","character_10_yna","digit_0") for n in range(4)}),
        Layout("sample001", {f"English/Img/GoodImg/Bmp/Sample{k:03}/img{k:03}-{n:05}.png":f"Sample{k:03}" for k in(1,2,3) for n in range(4)}, [f"English/Img/GoodImg/Msk/Sample{k:03}/img{k:03}-{n:05}.png" for k in(1,2,3) for n in range(4)], asks=True),
        Layout("dice", {f"dice/{s}/{b}/{b}_{n}.jpg":b for s in("train","valid") for b in("d4","d6","d20") for n in range(4)}, asks=True),
        Layout("chessmen with capital", {f"Chessman-image-dataset/Chess/{b}/{n:08}.jpg":b for b in("Bishop","King","Knight") for n in range(4)}),
        Layout("leaf with disease in brackets commas", {f"Plants/{b}/{UUIDS[n]}___RS_HL {n}.JPG":b for b in("Corn_(maize)___healthy","Pepper,_bell___healthy","Cherry_(including_sour)___Powdery_mildew") for n in range(4)}),
        Layout("new plant diseases", {f"New Plant Diseases Dataset(Augmented)/New Plant Diseases Dataset(Augmented)/{s}/{b}/{UUIDS[n]}{s}.JPG":b for s in("train","valid") for b in("Apple___Apple_scab","Tomato___healthy") for n in range(4)}, [f"test/test/AppleCedarRust{n}.JPG" for n in range(1,5)]+[f"test/test/TomatoHealthy{n}.JPG" for n in range(1,5)]),
        Layout("HF two label columns", {f"{n:04}.png":B[n%2] for n in range(8)}, (), {"metadata.csv":"file_name,breed,caption\n"+"".join(f"{n:04}.png,{B[n%2]},photo number {n}\n" for n in range(8))}),
        Layout("roboflow multi-label _classes.csv with two ones", {f"train/a{n}_jpg.rf.{n:032x}.jpg":B[n%2] for n in range(10)}, [f"train/a{n}_jpg.rf.{n:032x}.jpg" for n in (10,11)], {"train/_classes.csv":"filename, beagle, pug\n"+"".join(f"a{n}_jpg.rf.{n:032x}.jpg, {int(n%2==0)}, {int(n%2==1)}\n" for n in range(10))+"".join(f"a{n}_jpg.rf.{n:032x}.jpg, 1, 1\n" for n in (10,11))}),
        Layout("tab text with header", flat, (), {"annotations.txt":"image\tlabel\n"+"".join(f"{n}\t{C[k%2]}\n" for k,n in enumerate(names))}),
        Layout("comma text without header", flat, (), {"annotations.txt":"".join(f"{n},{C[k%2]}\n" for k,n in enumerate(names))}),
        Layout("file list with label dir paths only", files("data/{breed}/{breed}{n}.png",breed=C), ("all_images.txt",), {"all_images.txt":"".join(f"data/{b}/{b}{n}.png\n" for b in C for n in range(6))}),
        Layout("Spanish splits", files("{s}/{breed}/{n}.jpg",breed=["gato","perro"],s=["entrenamiento","validación","prueba"])),
        Layout("Portuguese headers", flat, (), {"r.csv":"arquivo;raça\n"+"".join(f"{n};{C[k%2]}\n" for k,n in enumerate(names))}),
        Layout("Hebrew", files("{breed}/{n}.jpg",breed=["כלב","חתול","ארנב"])),
        Layout("bengali digits folder", files("{breed}/{n}.jpg",breed=["বিড়াল","কুকুর"])),
        Layout("emoji beside words", files("{breed}/{n}.jpg",breed=["🐱 cats","🐶 dogs"])),
        Layout("things called camera", {f"products/{b}/{b}_{n}.jpg":b for b in("camera","laptop","phone") for n in range(4)}),
        Layout("things called camera, numbers", {f"products/{b}/{n}.jpg":b for b in("camera","laptop","phone") for n in range(4)}),
        Layout("class named test", {f"tubes/{b}/{n}.jpg":b for b in("test tube","beaker","flask") for n in range(4)}),
        Layout("class named other/unknown", {f"x/{b}/{n}.jpg":b for b in("cat","dog") for n in range(4)}, [f"x/unknown/{n}.jpg" for n in range(4)]),
        Layout("class called background", {f"x/{b}/{n}.jpg":b for b in("cat","dog","background") for n in range(4)}),
        Layout("metal, paper, trash numbers", {f"x/{b}/{n}.jpg":b for b in("metal","paper","plastic","trash") for n in range(4)}, asks=True),
        Layout("mask types", {f"x/{b}/{n}.jpg":b for b in("cloth mask","n95 mask","no mask","surgical mask") for n in range(4)}),
        Layout("depth as a class", {f"pools/{b}/{n}.jpg":b for b in("deep","shallow") for n in range(4)}),
        Layout("train csv with boolean", {f"train/{n}.jpg":["False","True"][n%2] for n in range(10)}, (), {"train.csv":"id,has_cactus\n"+"".join(f"{n}.jpg,{['False','True'][n%2]}\n" for n in range(10))}, asks=True),
        Layout("csv first col path, label after folder, mismatch case", {f"IMG/{n:03}.JPG":C[n%2] for n in range(10)}, (), {"labels.csv":"Image,Label\n"+"".join(f"img/{n:03}.jpg,{C[n%2]}\n" for n in range(10))}),
        Layout("image list xml imagenet loc", {f"train/{k}/{k}_{n}.JPEG":k for k in("n02085620","n02085782") for n in range(5)}, (), {f"ann/{k}/{k}_{n}.xml":f"<annotation><object><name>{k}</name></object></annotation>" for k in("n02085620","n02085782") for n in range(5)}),
    ]  # fmt: skip


def _more() -> list[Layout]:
    flat = {f"photos/{n:03}.jpg": C[n % 2] for n in range(10)}
    names = [p[7:] for p in flat]
    return [
        Layout("sorted by teacher: A_Beagle B_Pug", {f"{a}_{b}/{n}.jpg":b for a,b in (("A","Beagle"),("B","Pug"),("C","Husky")) for n in range(4)}, asks=True),
        Layout("Group members outside, breeds in several languages inside", {f"{w}/{b}/{n}.jpg":b for w in ("Gruppe 1","Gruppe 2") for b in ("Hund","Katze") for n in range(4)}),
        Layout("class of students", {f"{w}/{b}_{n}.jpg":b for w in ("Anna","Ben","Cem") for b in ("apple","banana") for n in range(3)}, asks=True),
        Layout("phone export with breed album + Camera", {f"Internal storage/Pictures/{b}/IMG_{n}.jpg":b for b in ("Bella","Rocky") for n in range(5)}, [f"Internal storage/DCIM/Camera/IMG_9{n}.jpg" for n in range(6)]),
        Layout("Label box flat w/ data/obj_train_data (CVAT YOLO)", {f"obj_train_data/frame_{n:06}.PNG":C[n%2] for n in range(8)}, ["obj.data","train.txt"], {"obj.names":"cat\ndog\n","obj.data":"classes = 2\ntrain = data/train.txt\nnames = data/obj.names\n","train.txt":"".join(f"data/obj_train_data/frame_{n:06}.PNG\n" for n in range(8)),**{f"obj_train_data/frame_{n:06}.txt":f"{n%2} 0.5 0.5 0.2 0.3\n" for n in range(8)}}),
        Layout("Pascal with two objects of one kind", {f"all/{n}.jpg":C[n%2] for n in range(8)}, (), {f"all/{n}.xml":f"<annotation><folder>all</folder><filename>{n}.jpg</filename><source><database>Unknown</database></source><object><name>{C[n%2]}</name></object><object><name>{C[n%2]}</name></object></annotation>" for n in range(8)}),
        Layout("tsv in UTF-16 like Excel's Unicode text", flat, (), {"list.txt":"Datei\tArt\n"+"".join(f"{n}\t{C[k%2]}\n" for k,n in enumerate(names))}),
        Layout("csv: pipe", flat, (), {"list.csv":"file|label\n"+"".join(f"{n}|{C[k%2]}\n" for k,n in enumerate(names))}),
        Layout("labels column first with count column", flat, (), {"list.csv":"label,n,file\n"+"".join(f"{C[k%2]},{k},{n}\n" for k,n in enumerate(names))}),
        Layout("csv with extra rows for missing photos", flat, (), {"list.csv":"file,label\n"+"".join(f"{n},{C[k%2]}\n" for k,n in enumerate(names))+"".join(f"x{n}.jpg,{C[n%2]}\n" for n in range(20))}),
        Layout("train.csv with path to subfolder by split", {f"{s}/{n:03}.jpg":C[n%2] for s in("train","val") for n in range(6)}, (), {"dataset.csv":"path,class\n"+"".join(f"dataset/{s}/{n:03}.jpg,{C[n%2]}\n" for s in("train","val") for n in range(6))}),
        Layout("kaggle: train.zip style inner dirs 'train/train', labels at top", {f"train/train/{h}{n}.jpg":C[n%2] for n in range(2) for h in H}, [f"test/test/{h}9.jpg" for h in H], {"train_labels.csv":"id,label\n"+"".join(f"{h}{n},{C[n%2]}\n" for n in range(2) for h in H), "sample_submission.csv":"id,label\n"+"".join(f"{h}9,0.5\n" for h in H)}),
        Layout("photos named by breed and folder by owner", {f"{w}/{b} {n}.jpg":b for w in ("Familie Meier","Familie Huber") for b in ("Dackel","Mops") for n in range(1,4)}, asks=True),
        Layout("oxford split text files in meta", {f"images/{b}_{n}.jpg":b for b in("Abyssinian","Bengal") for n in range(1,6)}, (), {"meta/trainval.txt":"".join(f"{b}_{n} {k} 1 {k}\n" for k,b in enumerate(("Abyssinian","Bengal"),1) for n in range(1,6)), "meta/classes.csv":"id,name\n1,Abyssinian\n2,Bengal\n"}),
        Layout("WordNet dash title with underscores and parenthesis", {f"Images/{i}-{b}/{i}_{n}.jpg":b for i,b in(("n02099429","curly-coated_retriever"),("n02106550","Rottweiler")) for n in range(4)}),
        Layout("images_original / images_augmented inside class", {f"{b}/images_original/{n}.jpg":b for b in B for n in range(4)}|{f"{b}/images_augmented/a{n}.jpg":b for b in B for n in range(4)}),
        Layout("class/high_quality, class/low_quality", {f"{b}/{q}/{q[0]}{n}.jpg":b for b in B for q in("high_quality","low_quality") for n in range(4)}),
        Layout("camera angle folders", {f"{b}/{q}/{n}.jpg":b for b in ("Golf","Polo") for q in("front","rear","side") for n in range(4)}),
        Layout("make/model/year", {f"{m}/{b}/{y}/{n}.jpg":f"{b}" for m,bs in(("Audi",("A3","A4")),("BMW",("X1","X5"))) for b in bs for y in(2015,2016) for n in range(3)}, asks=True),
        Layout("airbus/A320", {f"{m}/{b}/{n}.jpg":b for m,bs in(("Airbus",("A320","A330")),("Boeing",("B737","B747"))) for b in bs for n in range(5)}, asks=True),
        Layout("ids in folder, species.csv", {f"images/{k}/{n}.jpg":b for k,b in(("1355868","Lactuca virosa"),("1355920","Trifolium repens")) for n in range(5)}, ["species.csv"], {"species.csv":"species_id;species\n1355868;Lactuca virosa\n1355920;Trifolium repens\n"}),
        Layout("plantnet json", {f"images/{k}/{H[n]}.jpg":b for k,b in(("1355868","Lactuca virosa"),("1355920","Trifolium repens")) for n in range(5)}, ["plantnet300K_species_id_2_name.json"], {"plantnet300K_species_id_2_name.json":json.dumps({"1355868":"Lactuca virosa","1355920":"Trifolium repens","99":"Other"})}),
        Layout("class index json torchvision", {f"train/{k}/{n}.jpg":b for k,b in(("n01440764","tench"),("n01443537","goldfish")) for n in range(5)}, ["imagenet_class_index.json"], {"imagenet_class_index.json":json.dumps({"0":["n01440764","tench"],"1":["n01443537","goldfish"],"2":["n01484850","great_white_shark"]})}),
        Layout("words.txt tiny", {f"train/{k}/images/{k}_{n}.JPEG":b for k,b in(("n02123045","tabby"),("n02099601","golden retriever")) for n in range(5)}, ["words.txt","wnids.txt"], {"words.txt":"n00001740\tentity\nn02123045\ttabby, tabby cat\nn02099601\tgolden retriever\n","wnids.txt":"n02123045\nn02099601\n"}),
        Layout("Sports by extension mix", {f"{b}/{n}.{e}":b for b in("judo","golf") for n,e in enumerate(("jpeg","PNG","JPG","webp"))}),
        Layout("hidden folder .ipynb_checkpoints", {f"data/{b}/{n}.jpg":b for b in B for n in range(4)}, [f"data/.ipynb_checkpoints/{n}.jpg" for n in range(3)]),
        Layout("notebook checkpoint copies", {f"data/{b}/{n}.jpg":b for b in B for n in range(4)}, [f"data/{b}/.ipynb_checkpoints/{n}-checkpoint.jpg" for b in B for n in range(3)]),
        Layout("fastai models folder + exported", {f"bears/{b}/{n:08}.jpg":b for b in("black","grizzly","teddy") for n in range(5)}, ["bears/models/tmp.pth","export.pkl","bears/cleaned.csv"], {"bears/cleaned.csv":"name,label\n"+"".join(f"{b}/{n:08}.jpg,{b}\n" for b in("black","grizzly","teddy") for n in range(4))}),
        Layout("google images download", {f"downloads/{b}/{n}. {w}.jpg":b for b in("grizzly bear","teddy bear") for n,w in enumerate(("220px-x","wallpaper-hd","cute","hunting"),1)}),
        Layout("bing downloader", {f"dataset/{b}/Image_{n}.jpg":b for b in("black cat","tabby cat") for n in range(1,6)}),
        Layout("duckduckgo uuids", {f"{b}/{u}.jpg":b for b in("bird","forest") for u in UUIDS}),
        Layout("screened: good/rejected per class", {f"{b}/good/{n}.jpg":b for b in B for n in range(4)}, [f"{b}/rejected/r{n}.jpg" for b in B for n in range(3)]),
        Layout("three levels family/genus/species", {f"{f}/{g}/{s}/{n}.jpg":s for f,g,s in(("Rosaceae","Rosa","Rosa canina"),("Rosaceae","Malus","Malus domestica"),("Fabaceae","Trifolium","Trifolium repens")) for n in range(4)}, asks=True),
        Layout("male/female within species", {f"{b}/{s}/{n}.jpg":b for b in("Mallard","Teal") for s in("male","female") for n in range(4)}),
        Layout("city places", {f"{c}/{b}/{n}.jpg":b for c in("Berlin","Wien") for b in("church","bridge","tower") for n in range(3)}, asks=True),
        Layout("name_label pairs with equal sign kv", {f"id={n},breed={b}.jpg":b for b in B for n in range(5)}, asks=True),
        Layout("label at the end after hash", {f"{h}{n}_{b}.png":b for n in range(2) for h in H[:3] for b in B}),
        Layout("label between two underscores numbers", {f"{n:04}_{b}_{n*3:03}.png":b for b in B for n in range(5)}),
        Layout("label uppercase code 3 letters", {f"{b}{n:04}.png":b for b in("NEV","MEL","BCC") for n in range(5)}),
        Layout("tif/png pairs: png overlays in overlay folder", {f"train/{b}/{n}.tif":b for b in("normal","tumour") for n in range(4)}, [f"overlays/{b}/{n}.png" for b in("normal","tumour") for n in range(4)]),
        Layout("mixed folder: breed folders plus breed named files outside", {f"{b}/{n}.jpg":b for b in B for n in range(5)}|{}, [f"{b}_{n}.jpg" for b in B for n in (8,9)], asks=True),
        Layout("weird: trailing dot / spaces folders on Mac", {f"Pets /{b}/{n}.jpg":b.strip() for b in("Rex ","Tom. ") for n in range(4)}, asks=True),
        Layout("Amharic", files("{breed}/{n}.jpg",breed=["ውሻ","ድመት"])),
        Layout("Georgian table", flat, (), {"სია.csv":"ფაილი;ჯიში\n"+"".join(f"{n};{C[k%2]}\n" for k,n in enumerate(names))}),
        Layout("Swahili splits? mafunzo", files("{s}/{breed}/{n}.jpg",breed=["paka","mbwa"],s=["train","test"])),
    ]  # fmt: skip


def _projects() -> list[Layout]:
    """What lies beside the photos of people who write programs; tables and lists as these write them."""
    flat = {f"img/{n:03}.jpg": B[n % 2] for n in range(12)}
    rows = [(path[4:], breed) for path, breed in flat.items()]
    both = {path: breed for path, breed in flat.items() if path not in ("img/004.jpg", "img/005.jpg")}
    numbers = {f"{k}/{n}.jpg": B[k] for k in (0, 1) for n in range(5)}
    halves = files("p/data/train/{breed}/{n}.jpg") | files("p/data/valid/{breed}/v{n}.jpg", 3)
    return [
        Layout("a repository: docs and assets beside the data", files("pets-main/dataset/{breed}/{n}.jpg"), [f"pets-main/docs/img/{n}.png" for n in range(3)] + ["pets-main/assets/logo.png", "pets-main/README.md"]),
        Layout("charts of results beside data of halves", halves, [f"p/results/{w}.png" for w in ("loss", "roc_curve", "confusion_matrix")]),
        Layout("figures beside halves", files("train/{breed}/{n}.jpg") | files("test/{breed}/t{n}.jpg", 3), [f"figures/{n}.png" for n in range(4)]),
        Layout("examples beside the data", files("data/{breed}/{n}.jpg"), [f"examples/{n}.jpg" for n in range(3)]),
        Layout("documents of kinds, each in a folder", files("data/{breed}/{n}.jpg", breed=["invoice", "report", "figure"])),
        Layout("labels as Python's lists, two photos of both", both, [p for p in flat if p not in both], {"labels.csv": "image,labels\n" + "".join(f'{n},"{[b] if f"img/{n}" in both else B}"\n' for n, b in rows)}),
        Layout("labels as bare lists", both, [p for p in flat if p not in both], {"labels.csv": "image;labels\n" + "".join(f"{n};[{b if f'img/{n}' in both else ', '.join(B)}]\n" for n, b in rows)}),
        Layout("test.csv calls all unknown", both, ["img/004.jpg", "img/005.jpg"], {"train.csv": "f,label\n" + "".join(f"{p[4:]},{b}\n" for p, b in both.items()), "test.csv": "f,label\n004.jpg,unknown\n005.jpg,unknown\n"}),
        Layout("numbers, and their names in a line of classes.txt", numbers, (), {"classes.txt": "beagle, pug\n"}),
        Layout("numbers, and their names in data.yaml", numbers, (), {"data.yaml": "path: ../pets\nnames:\n  0: beagle\n  1: pug\nnc: 2\n"}),
        Layout("labels.txt in columns of blanks", flat, (), {"labels.txt": "file        label\n" + "".join(f"{n:<12}{b}\n" for n, b in rows)}),
        Layout("train.txt, the breed before a tab", flat, (), {"train.txt": "".join(f"{b}\timg/{n}\n" for n, b in rows)}),
        Layout("who sent it, and what it is", flat, (), {"list.csv": "image,from,pet\n" + "".join(f"{n},{['Ana', 'Ben', 'Cem'][k // 4]},{b}\n" for k, (n, b) in enumerate(rows))}),
    ]  # fmt: skip


AMBIGUOUS = [*_ambiguous(), *_more(), *_projects()]

NAMELESS = {
    "school camera days": tuple(f"10{k}_PANA/P10{k}0{n:03}.JPG" for k in (1,2) for n in range(5)),
    "gopro": tuple(f"100GOPRO/GOPR{n:04}.JPG" for n in range(6)),
    "sony": tuple(f"DSC0{n:04}.JPG" for n in range(6))+tuple(f"_DSC{n:04}.JPG" for n in range(6)),
    "xiaomi": tuple(f"IMG_20240501_10101{n}_HDR.jpg" for n in range(6))+tuple(f"IMG_20240501_10102{n}_BURST.jpg" for n in range(6)),
    "webcam": tuple(f"WIN_20240501_10_10_1{n}_Pro.jpg" for n in range(8)),
    "teachable machine samples": tuple(f"samples/{n}.jpg" for n in range(9)),
    "chunks": tuple(f"chunk_{k}/{n}.png" for k in (0,1) for n in range(5)),
    "dates de": tuple(f"{d}. Mai 2023/IMG_{n}.jpg" for d in (1,2) for n in range(4)),
    "captions of HF": tuple(f"train/{n:04}.png" for n in range(10)),
    "obj names": tuple(f"item{n:02}.jpg" for n in range(1,12)),
    "insta": tuple(f"anna_photos_{n*12345}_n.jpg" for n in range(1,9)),
    "albums days": tuple(f"Berlin, 1 May 2023/IMG_{n}.HEIC" for n in range(5))+tuple(f"Paris, 3 June 2023/IMG_{n}.HEIC" for n in range(5,9)),
    "scans": tuple(f"scan{n:04}.png" for n in range(9)),
    "a and b": tuple(f"a ({n}).jpg" for n in range(5))+tuple(f"b ({n}).jpg" for n in range(5)),
    "left right": tuple(f"{n}_{s}.jpeg" for n in range(5) for s in ("left","right")),
    "two apps for editing": tuple(f"{a}_20240501_1022{n:02}.jpg" for a in ("InShot", "vsco") for n in range(4)),
    "pictures that programs made": tuple(f"Copilot_20240501_1022{n:02}.png" for n in range(4)) + tuple(f"ChatGPT Image May {n}, 2024, 10_22_33 AM.png" for n in range(1, 5)),
    "scanner": tuple(f"{a} {n}.jpeg" for a in ("Scan", "Scanned Document") for n in range(5)),
    "two camera traps": tuple(f"{a}{n:04}.JPG" for a in ("RCNX", "IMAG") for n in range(4)),
    "patient visits": tuple(f"P{p:02}/V{v}/img{n}.jpg" for p in (1,2) for v in(1,2) for n in range(3)),
}  # fmt: skip
"""Photos of which no name says the breed: a question, and no dataset."""
