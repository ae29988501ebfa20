"""Ways in which well-known public datasets, and programs of a later day, pack photos: competitions, labelling programs, lists.

As `packed`: the names follow the sources' ways of naming, the photos do not exist.
"""

from __future__ import annotations

import json

from tests.unit.photos.layouts.packed import UUIDS, Layout, files, paths, table

H = ("a3f9c2d1", "b81e07aa", "c09d4f3b", "d77aa1e0", "e5b3c8f9", "f04e6d12")
C = ["cat", "dog"]


def _competitions() -> list[Layout]:
    disease = {
        f"train_images/{1000015157 + n * 7}.jpg": ["Bacterial Blight (CBB)", "Healthy"][n % 2] for n in range(10)
    }
    rust = {f"images/Train_{n}.jpg": ["healthy", "rust", "scab"][n % 3] for n in range(12)}
    leaves = {f"images/{n}.jpg": ["Acer_Opalus", "Quercus_Rubra"][n % 2] for n in range(1, 13)}
    scab = {f"train_images/{h}{n}.jpg": ["healthy", "scab", "rust"][n % 3] for n in range(4) for h in H[:3]}
    weeds = {f"images/2016092{n}-140314-{n % 3}.jpg": ["Chinee apple", "Lantana"][n % 2] for n in range(10)}
    lung = {
        f"train/{UUIDS[n % 6]}{n}.png": ["Normal", "No Lung Opacity / Not Normal", "Lung Opacity"][n % 3]
        for n in range(12)
    }
    moth = {f"train/Image_{n}.jpg": ["MONARCH", "ATALA"][n % 2] for n in range(1, 11)}
    xray = {
        f"images_{k:03}/images/{k:08}_{n:03}.png": ["Hernia", "No Finding"][n % 2] for k in (1, 2) for n in range(6)
    }
    cars = ["AM General Hummer SUV 2000", "Audi S4 Sedan 2007", "Audi S4 Sedan 2012", "BMW M3 Coupe 2012"]
    return [
        Layout("plant seedlings", {f"plant-seedlings/train/{b}/{h}.png": b for b in ("Black-grass", "Common Chickweed", "Sugar beet") for h in H},
               [f"plant-seedlings/test/{h}0.png" for h in H] + ["plant-seedlings/sample_submission.csv"],
               {"plant-seedlings/sample_submission.csv": "file,species\n" + "".join(f"{h}0.png,Sugar beet\n" for h in H)}),
        Layout("numbers, and label_num_to_disease_map.json", disease, paths("test_images/22{n}.jpg", 1) + ("label_num_to_disease_map.json",),
               {"train.csv": "image_id,label\n" + "".join(f"{p[13:]},{int(b == 'Healthy') * 4}\n" for p, b in disease.items()),
                "label_num_to_disease_map.json": '{"0": "Bacterial Blight (CBB)", "1": "Streak", "2": "Mottle", "3": "Mosaic", "4": "Healthy"}',
                "sample_submission.csv": "image_id,label\n220.jpg,4\n"}),
        Layout("one-hot, Train_ and Test_ in one folder", rust, paths("images/Test_{n}.jpg", 12),
               {"train.csv": "image_id,healthy,multiple_diseases,rust,scab\n" + "".join(f"{p[7:-4]},{int(b == 'healthy')},0,{int(b == 'rust')},{int(b == 'scab')}\n" for p, b in rust.items()),
                "test.csv": "image_id\n" + "".join(f"Test_{n}\n" for n in range(12)),
                "sample_submission.csv": "image_id,healthy,multiple_diseases,rust,scab\n" + "".join(f"Test_{n},0.25,0.25,0.25,0.25\n" for n in range(12))}),
        Layout("several labels with blanks between them", {p: b for n, (p, b) in enumerate(scab.items()) if n % 6 != 5}, [p for n, p in enumerate(scab) if n % 6 == 5],
               {"train.csv": "image,labels\n" + "".join(f"{p[13:]},{b if n % 6 != 5 else 'scab rust'}\n" for n, (p, b) in enumerate(scab.items()))}),
        Layout("a species and 192 numbers a leaf", leaves, paths("images/{n}0{n}.jpg", 3), {
            "train.csv": "id,species,margin1,margin2,shape1\n" + "".join(f"{p[7:-4]},{b},0.0{n % 7}125,0.0{n % 5}3,0.000{n % 9}\n" for n, (p, b) in enumerate(leaves.items())),
            "test.csv": "id,margin1,margin2,shape1\n" + "".join(f"{n}0{n},0.1,0.2,0.3\n" for n in range(3)),
            "sample_submission.csv": "id,Acer_Opalus,Quercus_Rubra\n" + "".join(f"{n}0{n},0.5,0.5\n" for n in range(3))}),
        Layout("a table for all, tables for parts of it", weeds, tables={
            "labels.csv": "Filename,Label,Species\n" + "".join(f"{p[7:]},{int(b == 'Lantana')},{b}\n" for p, b in weeds.items()),
            **{f"{s}_subset{k}.csv": "Filename,Label\n" + "".join(f"{p[7:]},{int(b == 'Lantana')}\n" for n, (p, b) in enumerate(weeds.items()) if (n % 5 == k) == (s == "val")) for s in ("train", "val") for k in (0, 1)}}),
        Layout("labels with a slash in them", lung, tables={"class_info.csv": "patientId,class\n" + "".join(f"{p[6:-4]},{b}\n" for p, b in lung.items())}),
        Layout("Training_set.csv, Testing_set.csv, the same names in both halves", moth, paths("test/Image_{n}.jpg", 6), {
            "Training_set.csv": table(moth, "filename,label"), "Testing_set.csv": "filename\n" + "".join(f"Image_{n}.jpg\n" for n in range(6))}),
        Layout("findings with | between them, parts of a hundred thousand", xray, ["images_001/images/00000003_000.png"], {
            "Data_Entry_2017.csv": "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\n"
            + "".join(f"{p[-16:]},{b},{n},{n % 4},5{n % 3},{'MF'[n % 2]},{['PA', 'AP'][n % 3 > 0]}\n" for n, (p, b) in enumerate(xray.items())) + "00000003_000.png,Hernia|Mass,0,9,60,M,PA\n"}),
        Layout("car models, of which some have their year", {f"car_data/train/{b}/{n:05}{i}.jpg": b for i, b in enumerate(cars) for n in range(4)}, ["names.csv", "anno_train.csv"], {
            "names.csv": "".join(f"{b}\n" for b in cars), "anno_train.csv": "".join(f"{n:05}{i}.jpg,39,116,569,375,{i + 1}\n" for i in range(4) for n in range(4))}),
        Layout("benign or malignant, and the diagnosis", {f"jpeg/train/ISIC_{n:07}.jpg": ["nevus", "melanoma"][n % 2] for n in range(12)}, paths("jpeg/test/ISIC_9{n}.jpg"), {
            "train.csv": "image_name,patient_id,sex,age_approx,anatom_site,diagnosis,benign_malignant,target\n" + "".join(
                f"ISIC_{n:07},IP_{n % 4},{['male', 'female'][n % 3 > 0]},{40 + n % 3}.0,{['torso', 'head'][n % 4 > 1]},{['nevus', 'melanoma'][n % 2]},{['benign', 'malignant'][n % 2]},{n % 2}\n" for n in range(12)),
            "test.csv": "image_name,patient_id\n" + "".join(f"ISIC_9{n},IP_1\n" for n in range(6))}),
        Layout("grades 0 to 4, not said of what", {f"train_images/{h}{n}.png": str(n % 3) for n in range(3) for h in H}, paths("test_images/{n}ff.png"), {
            "train.csv": "id_code,diagnosis\n" + "".join(f"{h}{n},{n % 3}\n" for n in range(3) for h in H), "test.csv": "id_code\n" + "".join(f"{n}ff\n" for n in range(6))}, asks=True),
        Layout("two tables, joined by the breed's number", {f"img/{n:03}.jpg": ["beagle", "pug"][n % 2] for n in range(12)}, tables={
            "train.csv": "image,breed_id\n" + "".join(f"{n:03}.jpg,{307 + n % 2}\n" for n in range(12)),
            "breed_labels.csv": "BreedID,Type,BreedName\n307,1,beagle\n308,1,pug\n309,1,boxer\n265,2,Persian\n"}),
        Layout("codes of the classes, a third table of names", {f"{s}/{k}/{k}{n:03}.jpg": b for s in ("training", "validation") for k, b in (("n0", "mantled_howler"), ("n1", "patas_monkey")) for n in range(5)},
               tables={"monkey_labels.txt": "Label, Latin Name            , Common Name    , Train Images, Validation Images\nn0   , alouatta_palliata     , mantled_howler , 131 , 26\nn1   , erythrocebus_patas    , patas_monkey   , 139 , 28\n"}),
        Layout("paths, labels and halves in a table beside folders", {f"{s}/{b}/{n:03}.jpg": b for s in ("train", "valid", "test") for b in ("ABBOTTS BABBLER", "BALD EAGLE") for n in range(1, 5)}, ["EfficientNetB0-525-(224 X 224)-98.97.h5"], {
            "birds.csv": "class id,filepaths,labels,data set,scientific name\n" + "".join(
                f"{i}.0,{s}/{b}/{n:03}.jpg,{b},{s},{a}\n" for i, (b, a) in enumerate((("ABBOTTS BABBLER", "MALACOCINCLA ABBOTTI"), ("BALD EAGLE", "HALIAEETUS LEUCOCEPHALUS"))) for s in ("train", "valid", "test") for n in range(1, 5))}),
        Layout("whales, most of them seen once", {f"train/{n:08x}.jpg": ["w_23a388d", "w_9b5109b"][n % 2] for n in range(8)}, [f"train/{n:08x}.jpg" for n in range(20, 24)], {
            "train.csv": "Image,Id\n" + "".join(f"{n:08x}.jpg,{['w_23a388d', 'w_9b5109b'][n % 2]}\n" for n in range(8)) + "".join(f"{n:08x}.jpg,w_{n}abc\n" for n in range(20, 24))}),
        Layout("article's types of three degrees", {f"images/{1163 + n}.jpg": ["Tshirts", "Jeans", "Watches", "Shorts"][n % 4] for n in range(16)}, tables={
            "styles.csv": "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName\n" + "".join(
                f"{1163 + n},{['Men', 'Women'][n % 2]},{['Apparel', 'Apparel', 'Accessories', 'Apparel'][n % 4]},{['Topwear', 'Bottomwear', 'Watches', 'Bottomwear'][n % 4]},{['Tshirts', 'Jeans', 'Watches', 'Shorts'][n % 4]},Blue,Fall,2011,Casual,Thing {n}\n" for n in range(16))}, asks=True),
        Layout("driver, class, photo", {f"imgs/train/c{k}/img_{n}{k}.jpg": f"c{k}" for k in range(3) for n in range(5)}, paths("imgs/test/img_9{n}.jpg"), {
            "driver_imgs_list.csv": "subject,classname,img\n" + "".join(f"p{n % 2:03},c{k},img_{n}{k}.jpg\n" for k in range(3) for n in range(5))}),
        Layout("a word that is a list in brackets", {f"Images/tt{n:07}.jpg": ["Comedy", "Horror"][n % 2] for n in range(10)}, ["Images/tt0000099.jpg"], {
            "train.csv": "Id,Genre\n" + "".join(f"tt{n:07},\"['{['Comedy', 'Horror'][n % 2]}']\"\n" for n in range(10)) + "tt0000099,\"['Comedy', 'Horror']\"\n"}),
    ]  # fmt: skip


def _science() -> list[Layout]:
    weather = {f"dataset2/{b}{n}.jpg": b for b in ("cloudy", "rain", "shine", "sunrise") for n in range(1, 6)}
    fish = ["Black Sea Sprat", "Red Mullet"]
    birds = ["American Kestrel", "Barn Owl"]
    leaf = ["abies_concolor", "acer_rubrum"]
    art = ["Albrecht_Dürer", "Vincent_van_Gogh"]
    ranks = [("Animalia/Chordata/Mammalia/Carnivora/Canidae/Canis", "Canis lupus"), ("Animalia/Chordata/Mammalia/Carnivora/Felidae/Lynx", "Lynx lynx"),
             ("Animalia/Chordata/Aves/Passeriformes/Corvidae/Pica", "Pica pica")]  # fmt: skip
    return [
        Layout("flowers by number, cat_to_name.json", {f"flower_data/{s}/{k}/image_0{k}{n:03}{s[0]}.jpg": b for s in ("train", "valid") for k, b in ((1, "pink primrose"), (21, "fire lily"), (102, "blackberry lily")) for n in range(4)},
               ["cat_to_name.json"], {"cat_to_name.json": json.dumps({"21": "fire lily", "1": "pink primrose", "102": "blackberry lily", "3": "canterbury bells"})}),
        Layout("photos, and masks in folders called so with GT behind", {f"Fish_Dataset/Fish_Dataset/{b}/{b}/{n:05}.png": b for b in fish for n in range(1, 6)}, [f"Fish_Dataset/Fish_Dataset/{b}/{b} GT/{n:05}.png" for b in fish for n in range(1, 6)] + ["Fish_Dataset/Fish_Dataset/license.txt"]),
        Layout("NABirds", {f"nabirds/images/{k:04}/{UUIDS[n]}{k}.jpg": b for k, b in ((295, birds[0]), (622, birds[1])) for n in range(5)}, ["nabirds/classes.txt"], {
            "nabirds/classes.txt": "0 Birds\n1 Ducks, Geese, and Swans\n295 American Kestrel\n622 Barn Owl\n",
            "nabirds/images.txt": "".join(f"{UUIDS[n]}{k} {k:04}/{UUIDS[n]}{k}.jpg\n" for k in (295, 622) for n in range(5)),
            "nabirds/image_class_labels.txt": "".join(f"{UUIDS[n]}{k} {k}\n" for k in (295, 622) for n in range(5)),
            "nabirds/train_test_split.txt": "".join(f"{UUIDS[n]}{k} {n % 2}\n" for k in (295, 622) for n in range(5))}),
        Layout("CUB with all its lists", {f"CUB_200_2011/images/{i:03}.{b}/{b}_{n:04}_{i}{n}.jpg": b for i, b in ((1, "Black_footed_Albatross"), (2, "Laysan_Albatross")) for n in range(5)}, [], {
            "CUB_200_2011/images.txt": "".join(f"{i * 5 + n - 4} {i:03}.{b}/{b}_{n:04}_{i}{n}.jpg\n" for i, b in ((1, "Black_footed_Albatross"), (2, "Laysan_Albatross")) for n in range(5)),
            "CUB_200_2011/image_class_labels.txt": "".join(f"{i * 5 + n - 4} {i}\n" for i in (1, 2) for n in range(5)),
            "CUB_200_2011/train_test_split.txt": "".join(f"{k} {k % 2}\n" for k in range(1, 11)),
            "CUB_200_2011/bounding_boxes.txt": "".join(f"{k} 60.0 27.0 325.0 304.0\n" for k in range(1, 11)),
            "CUB_200_2011/classes.txt": "1 001.Black_footed_Albatross\n2 002.Laysan_Albatross\n",
            "CUB_200_2011/parts/parts.txt": "1 back\n2 beak\n3 belly\n"}),
        Layout("three lists joined by the photo's number", {f"birds/images/{n:04}.jpg": ["Ovenbird", "Junco"][n % 2] for n in range(1, 13)}, [], {
            "birds/images.txt": "".join(f"{n} {n:04}.jpg\n" for n in range(1, 13)), "birds/image_class_labels.txt": "".join(f"{n} {n % 2 or 2}\n" for n in range(1, 13)),
            "birds/classes.txt": "1 Junco\n2 Ovenbird\n"}),
        Layout("lab and field, segmented beside", {f"leafsnap/dataset/images/{k}/{b}/{k}{n}.jpg": b for k in ("lab", "field") for b in leaf for n in range(4)}, [f"leafsnap/dataset/segmented/{k}/{b}/{k}{n}.png" for k in ("lab", "field") for b in leaf for n in range(4)], {
            "leafsnap/leafsnap-dataset-images.txt": "file_id\timage_path\tsegmented_path\tspecies\tsource\n" + "".join(
                f"{n}\tdataset/images/{k}/{b}/{k}{n}.jpg\tdataset/segmented/{k}/{b}/{k}{n}.png\t{b.replace('_', ' ').capitalize()}\t{k}\n" for k in ("lab", "field") for b in leaf for n in range(4))},
               sizes={f"leafsnap/dataset/images/{k}/{b}/{k}{n}.jpg": 9000 for k in ("lab", "field") for b in leaf for n in range(4)}),
        Layout("a taxonomy, a folder a rank", {f"{up}/{b}/{n}.jpg": b for up, b in ranks for n in range(5)}, asks=True),
        Layout("class of animals, then species, and COCO's list", {f"train_val_images/{up}/{b}/{h}{b[:2]}.jpg": b for up, b in (("Mammalia", "Canis lupus"), ("Mammalia", "Lynx rufus"), ("Aves", "Pica pica")) for h in H[:4]}, [], {
            "train2017.json": json.dumps({"images": [{"id": n, "file_name": f"train_val_images/{up}/{b}/{h}{b[:2]}.jpg"} for n, (up, b, h) in enumerate((u, b, h) for u, b in (("Mammalia", "Canis lupus"), ("Mammalia", "Lynx rufus"), ("Aves", "Pica pica")) for h in H[:4])],
                                          "annotations": [{"id": n, "image_id": n, "category_id": n // 4} for n in range(12)],
                                          "categories": [{"id": k, "name": b, "supercategory": "x"} for k, b in enumerate(("Canis lupus", "Lynx rufus", "Pica pica"))]})}, asks=True),
        Layout("words and a number, without a blank", weather),
        Layout("AwA2", {f"AwA2/JPEGImages/{b}/{b}_{n}.jpg": b for b in ("antelope", "grizzly+bear", "killer+whale") for n in range(10001, 10006)}, ["AwA2/predicate-matrix-binary.txt"], {
            "AwA2/classes.txt": "      1\tantelope\n      2\tgrizzly+bear\n      3\tkiller+whale\n", "AwA2/predicate-matrix-binary.txt": "0 0 1\n1 0 1\n0 1 1\n"}),
        Layout("one-indexed and zero-indexed lists", {f"Garbage classification/Garbage classification/{b}/{b}{n}.jpg": b for b in ("cardboard", "glass", "trash") for n in range(1, 6)}, [], {
            f"{k}.txt": "".join(f"{b}{n}.jpg {i + o}\n" for i, b in enumerate(("cardboard", "glass", "trash")) for n in range(1, 6)) for k, o in (("one-indexed-files", 1), ("zero-indexed-files", 0))}),
        Layout("EuroSAT with its tables", {f"EuroSAT/{b}/{b}_{n}.jpg": b for b in ("AnnualCrop", "SeaLake") for n in range(1, 7)}, [], {
            "EuroSAT/train.csv": ",Filename,Label,ClassName\n" + "".join(f"{n},{b}/{b}_{n}.jpg,{i},{b}\n" for i, b in enumerate(("AnnualCrop", "SeaLake")) for n in range(1, 5)),
            "EuroSAT/test.csv": ",Filename,Label,ClassName\n" + "".join(f"{n},{b}/{b}_{n}.jpg,{i},{b}\n" for i, b in enumerate(("AnnualCrop", "SeaLake")) for n in range(5, 7)),
            "EuroSAT/label_map.json": '{"AnnualCrop": 0, "SeaLake": 1}'}),
        Layout("Places365's list", {f"val_256/Places365_val_{n:08}.jpg": ["/a/airfield", "/z/zen_garden"][n % 2] for n in range(1, 11)}, [], {
            "places365_val.txt": "".join(f"Places365_val_{n:08}.jpg {[0, 364][n % 2]}\n" for n in range(1, 11)),
            "categories_places365.txt": "/a/airfield 0\n/a/alcove 1\n/z/zen_garden 364\n"}, asks=True),
        Layout("paintings, and smaller ones of all in one folder", {f"images/images/{b}/{b}_{n}.jpg": b for b in art for n in range(1, 6)}, [f"resized/resized/{b}_{n}.jpg" for b in art for n in range(1, 6)], {
            "artists.csv": "id,name,years,genre,nationality\n0,Albrecht Dürer,1471 - 1528,Northern Renaissance,German\n1,Vincent van Gogh,1853 - 1890,Post-Impressionism,Dutch\n"},
            sizes={f"images/images/{b}/{b}_{n}.jpg": 9000 for b in art for n in range(1, 6)}),
        Layout("good and flawed, of one thing", {f"bottle/{p}.png": b for b, ps in (("good", [f"train/good/{n:03}" for n in range(6)] + ["test/good/000", "test/good/001"]), ("broken_large", [f"test/broken_large/{n:03}" for n in range(4)]), ("contamination", [f"test/contamination/{n:03}" for n in range(4)])) for p in ps},
               [f"bottle/ground_truth/{b}/{n:03}_mask.png" for b in ("broken_large", "contamination") for n in range(4)] + ["bottle/readme.txt"]),
        Layout("breast slides, four folders deep", {f"BreaKHis_v1/histology_slides/breast/{b}/SOB/{t}/SOB_{t}_{p}/{m}X/SOB_{t}_{p}-{m}-{n:03}.png": b for b, ts in (("benign", ("adenosis", "fibroadenoma")), ("malignant", ("ductal_carcinoma", "papillary_carcinoma"))) for t in ts for p in ("14-22549AB", "14-9133") for m in (40, 100) for n in range(2)}, asks=True),
        Layout("camera traps: place, camera, species", {f"images/{s}/{s}_C{k:02}/{b}/IMG_{n:04}.JPG": b for s in ("A01", "B04") for k in (1, 2) for b in ("impala", "kudu") for n in range(3)}),
        Layout("doubled with Thumbs.db", {f"cell_images/{d}{b}/C33P1thinF_{n}a_cell_{n}.png": b for d in ("", "cell_images/") for b in ("Parasitized", "Uninfected") for n in range(6)}, same={f"cell_images/{d}{b}/C33P1thinF_{n}a_cell_{n}.png": f"{b}{n}" for d in ("", "cell_images/") for b in ("Parasitized", "Uninfected") for n in range(6)}),
        Layout("rock, paper, scissors with a flat half", {f"{t}/{b}/{p}{b}0{n}-000.png": b for t, p in (("rps", ""), ("rps-test-set", "test")) for b in ("rock", "paper", "scissors") for n in range(4)}, [f"rps-validation/{b}{n}.png" for b in ("rock", "paper", "scissors") for n in range(2)]),
        Layout("ImageNet's classes in a half, words in a file of Caffe's", {f"train/{k}/{k}_{n}.JPEG": b for k, b in (("n02085620", "Chihuahua"), ("n02123045", "tabby")) for n in range(5)}, ["synset_words.txt"], {
            "synset_words.txt": "n02085620 Chihuahua\nn02123045 tabby, tabby cat\nn02123159 tiger cat\n"}),
    ]  # fmt: skip


def _programs() -> list[Layout]:
    flat = {f"photos/{n:03}.jpg": C[n % 2] for n in range(10)}
    names = [p[7:] for p in flat]

    def each(folder: str, ending: str, text: str) -> dict[str, str]:
        return {f"{folder}/{p[7:-4]}{ending}": text.replace("@", b) for p, b in flat.items()}

    return [
        Layout("FiftyOne's labels.json", {f"data/{n[:-4]}.jpg": C[k % 2] for k, n in enumerate(names)}, (), {
            "labels.json": json.dumps({"classes": C, "labels": {n[:-4]: k % 2 for k, n in enumerate(names)}})}),
        Layout("VoTT's csv", {f"vott-csv-export/{n}": C[k % 2] for k, n in enumerate(names)}, (), {
            "vott-csv-export/Pets-export.csv": '"image","xmin","ymin","xmax","ymax","label"\n' + "".join(f'"{n}",12.5,3.4,100.1,80.9,"{C[k % 2]}"\n' for k, n in enumerate(names))}),
        Layout("VoTT's json", {f"vott-json-export/{n}": C[k % 2] for k, n in enumerate(names)}, (), {
            "vott-json-export/Pets-export.json": json.dumps({"name": "Pets", "tags": [{"name": b, "color": "#5db300"} for b in C], "assets": {
                H[k % 6] + str(k): {"asset": {"format": "jpg", "id": H[k % 6], "name": n, "path": f"file:/C:/pets/{n}", "size": {"width": 3, "height": 3}}, "regions": [{"id": "a", "type": "RECTANGLE", "tags": [C[k % 2]], "points": []}]} for k, n in enumerate(names)}})}, asks=True),
        Layout("Create ML's annotations.json", flat, (), {"photos/annotations.json": json.dumps([{"image": n, "annotations": [{"label": C[k % 2], "coordinates": {"x": 1, "y": 2, "width": 3, "height": 4}}]} for k, n in enumerate(names)])}),
        Layout("V7 Darwin's json", {f"images/{n}": C[k % 2] for k, n in enumerate(names)}, (), {f"annotations/{n[:-4]}.json": json.dumps({
            "version": "2.0", "item": {"name": n, "path": "/"}, "annotations": [{"id": "x", "name": C[k % 2], "bounding_box": {"h": 1, "w": 1, "x": 0, "y": 0}}]}) for k, n in enumerate(names)}),
        Layout("Supervisely's boxes", {f"ds0/img/{n}": C[k % 2] for k, n in enumerate(names)}, (), {f"ds0/ann/{n}.json": json.dumps({
            "description": "", "tags": [], "size": {"height": 3, "width": 3}, "objects": [{"id": 1, "classTitle": C[k % 2], "geometryType": "rectangle"}]}) for k, n in enumerate(names)} | {"meta.json": json.dumps({"classes": [{"title": b} for b in C]})}),
        Layout("KITTI's text files", {f"training/image_2/{n[:-4]}.png": C[k % 2] for k, n in enumerate(names)}, (), {f"training/label_2/{n[:-4]}.txt": f"{C[k % 2]} 0.00 0 1.85 387.63 181.54 423.81 203.12 1.67 1.87 3.69 -16.53 2.39 58.49 1.57\n" for k, n in enumerate(names)}),
        Layout("Open Images by its toolkit", {f"OID/Dataset/{s}/{b}/{h}{s[0]}.jpg": b for s in ("train", "validation") for b in ("Cat", "Dog") for h in H}, [f"OID/csv_folder/{n}.csv" for n in ("class-descriptions-boxable",)], {
            "OID/csv_folder/class-descriptions-boxable.csv": "/m/01yrx,Cat\n/m/0bt9lr,Dog\n/m/04rky,Mammal\n",
            **{f"OID/Dataset/{s}/{b}/Label/{h}{s[0]}.txt": f"{b} 12.3 44.0 330.2 220.9\n" for s in ("train", "validation") for b in ("Cat", "Dog") for h in H}}),
        Layout("VOC as it is, with its lists", {f"VOCdevkit/VOC2012/JPEGImages/2007_{n:06}.jpg": C[n % 2] for n in range(10)}, [f"VOCdevkit/VOC2012/SegmentationClass/2007_{n:06}.png" for n in range(4)], {
            **{f"VOCdevkit/VOC2012/Annotations/2007_{n:06}.xml": f"<annotation><filename>2007_{n:06}.jpg</filename><object><name>{C[n % 2]}</name><part><name>head</name></part></object></annotation>" for n in range(10)},
            **{f"VOCdevkit/VOC2012/ImageSets/Main/{b}_trainval.txt": "".join(f"2007_{n:06} {'-1' if C[n % 2] != b else ' 1'}\n" for n in range(10)) for b in C},
            "VOCdevkit/VOC2012/ImageSets/Main/train.txt": "".join(f"2007_{n:06}\n" for n in range(7)), "VOCdevkit/VOC2012/ImageSets/Main/val.txt": "".join(f"2007_{n:06}\n" for n in range(7, 10))}),
        Layout("Label Studio for YOLO", {f"images/{H[n % 6]}-p{n:02}.jpg": C[n % 2] for n in range(10)}, ["notes.json"], {
            **{f"labels/{H[n % 6]}-p{n:02}.txt": f"{n % 2} 0.5 0.5 0.25 0.3\n" for n in range(10)}, "classes.txt": "cat\ndog",
            "notes.json": json.dumps({"categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}], "info": {"year": 2024}})}),
        Layout("data.yaml with numbers and names below", {f"pets/images/{s}/{n:03}{s}.jpg": C[n % 2] for s in ("train", "val") for n in range(8)}, ["pets/data.yaml"], {
            **{f"pets/labels/{s}/{n:03}{s}.txt": f"{n % 2} 0.5 0.5 0.25 0.3\n{n % 2} 0.1 0.1 0.1 0.1\n" for s in ("train", "val") for n in range(8)},
            "pets/data.yaml": "path: ../datasets/pets\ntrain: images/train\nval: images/val\n\nnames:\n  0: cat\n  1: dog\n"}),
        Layout("imagefolder's metadata.jsonl with paths below it", {f"data/{s}/imgs/{n:03}.webp": C[n % 2] for s in ("train", "test") for n in range(8)}, (), {
            f"data/{s}/metadata.jsonl": "".join(json.dumps({"file_name": f"imgs/{n:03}.webp", "label": C[n % 2], "caption": f"photo {n} of it"}) + "\n" for n in range(8)) for s in ("train", "test")}),
        Layout("a list of photos for each breed", {f"all/{n:03}.jpg": C[n % 2] for n in range(12)}, (), {f"{b}.csv": "filename\n" + "".join(f"{n:03}.jpg\n" for n in range(12) if C[n % 2] == b) for b in C}),
        Layout("a text list of photos for each breed", {f"all/{n:03}.jpg": C[n % 2] for n in range(12)}, (), {f"lists/{b}.txt": "".join(f"all/{n:03}.jpg\n" for n in range(12) if C[n % 2] == b) for b in C}),
        Layout("a table made on another machine", flat, (), {"labels.csv": "path,label\n" + "".join(f"/content/drive/MyDrive/pets 2/photos/{p[7:]},{b}\n" for p, b in flat.items())}),
        Layout("a table with another ending of the photos", flat, (), {"labels.csv": "Image Name,Pet\n" + "".join(f"C:\\Users\\Anna\\pets\\{p[7:-4]}.png,{b}\n" for p, b in flat.items())}),
        Layout("a workbook's export: title lines, then the table", flat, (), {"list.csv": "My pets 2024,,\n,,\nphoto,breed,who\n" + "".join(f"{p[7:]},{b},Anna\n" for p, b in flat.items())}),
        Layout("lists for training and testing that say nothing more", files("{breed}/{breed}-{n}.jpg", breed=C), (), {
            "train.txt": "".join(f"{b}/{b}-{n}.jpg\n" for b in C for n in range(4)), "test.txt": "".join(f"{b}/{b}-{n}.jpg\n" for b in C for n in (4, 5))}),
        Layout("lists for training and testing with numbers, and classes.txt", flat, (), {
            "train.txt": "".join(f"photos/{n} {k % 2}\n" for k, n in enumerate(names[:7])), "test.txt": "".join(f"photos/{n} {(k + 7) % 2}\n" for k, n in enumerate(names[7:])), "classes.txt": "cat\ndog\n"}),
        Layout("a .json of numbers beside class names in order", flat, (), {"labels.json": json.dumps({n: k % 2 for k, n in enumerate(names)}), "class_names.json": json.dumps(C)}),
    ]  # fmt: skip


def _people() -> list[Layout]:
    return [
        Layout("another number before the breeds in each half", {f"{s}/{f}/{s}{n}.jpg": b for s, fs in (("train", (("01_Beagle", "Beagle"), ("02_Pug", "Pug"))), ("val", (("1-beagle", "Beagle"), ("2-pug", "Pug")))) for f, b in fs for n in range(4)}),
        Layout("numbers and dots before breeds", {f"Dogs/{k:02}. {b}/photo ({n}).jpeg": b for k, b in enumerate(("Pug", "Shiba Inu", "Great Dane"), 1) for n in range(5)}),
        Layout("class_0 and a json of what it is", {f"train/class_{k}/{n}.jpg": b for k, b in enumerate(("beagle", "pug")) for n in range(5)}, ["class_names.json"], {"class_names.json": '{"class_0": "beagle", "class_1": "pug"}'}),
        Layout("a day before each breed's folder", {f"2024-05-{k:02} {b}/IMG_{n:04}.jpg": b for k, b in ((1, "Beagle"), (7, "Pug"), (9, "Husky")) for n in range(5)}),
        Layout("folders that end in a tar's name", files("dogs.tar/dogs/{breed}/{n}.jpg")),
        Layout("index, breed, count in names", {f"{k}_{b}_{n}.jpg": b for k, b in enumerate(("beagle", "pug")) for n in range(6)}),
        Layout("img_ before the breed", {f"img_{b}_{n}.jpg": b for b in ("beagle", "pug") for n in range(6)}),
        Layout("the day within a word's name", {f"{b}_2024-05-0{n}_10-10-10.jpg": b for b in ("rex", "tom") for n in range(1, 7)}),
        Layout("frames out of videos", {f"{b}_vid{k}_frame{n:04}.jpg": b for b in ("beagle", "pug") for k in (1, 2) for n in range(4)}, asks=True),
        Layout("Thai, Hindi, Greek", {f"รูป/{b}/{n}.jpg": b for b in ("ปั๊ก", "बीगल", "Ποιμενικός") for n in range(4)}),
        Layout("Kanji as code points", {f"kkanji2/U+{k}/{h}.png": f"U+{k}" for k in ("4E00", "4E01", "6728") for h in H}),
        Layout("single letters and base64", {f"notMNIST_small/{b}/{x}.png": b for b in "ABC" for x in ("MDEtMDEtMDAudHRm", "QWxsZWdvLnR0Zg", "Q2FsaWJyaS50dGY", "RGVqYVZ1LnR0Zg")}),
        Layout("people of whom most have one photo", {f"lfw/{b}/{b}_{n:04}.jpg": b for b in ("George_W_Bush", "Colin_Powell") for n in range(1, 6)}, [f"lfw/{b}/{b}_0001.jpg" for b in ("Aaron_Sorkin", "Zach_Pillet", "Abba_Eban")]),
        Layout("fire_images and non_fire_images", {f"fire_dataset/{b}_images/{b}.{n}.png": f"{b}_images" for b in ("fire", "non_fire") for n in range(1, 7)}),
        Layout("a class called Dark, Medium, Light", {f"{s}/{b}/{b.lower()} ({n}).png": b for s in ("train", "test") for b in ("Dark", "Green", "Light", "Medium") for n in range(1, 5)}, [], {
            "Coffee Bean.csv": "class index,filepaths,labels,data set\n" + "".join(f"{k},{s}/{b}/{b.lower()} ({n}).png,{b},{s}\n" for s in ("train", "test") for k, b in enumerate(("Dark", "Green", "Light", "Medium")) for n in range(1, 5))}),
        Layout("small, medium, large", {f"eggs/{b}/{n}.jpg": b for b in ("Small", "Medium", "Large") for n in range(6)}, asks=True, sizes={f"eggs/{b}/{n}.jpg": s for b, s in (("Small", 50), ("Medium", 70), ("Large", 90)) for n in range(6)}),
        Layout("pet's name, then breed in brackets", {f"{b}/IMG_{n}.jpg": b for b in ("Rex (Beagle)", "Tom (Siamese)") for n in range(5)}),
        Layout("a folder of each breed's photos, and single ones of it beside", {f"{b}/{n}.jpg": b for b in ("beagle", "pug") for n in range(5)}, ["IMG_0001.jpg", "IMG_0002.jpg"]),
        Layout("a workbook beside folders", files("{breed}/{n}.jpg"), ["labels.xlsx"]),
        Layout("zip within folders of years, then pets", {f"Photos {y}/{b}/{b} {n}.jpg": b for y in (2021, 2022, 2023) for b in ("Rex", "Tom") for n in range(3)}),
    ]  # fmt: skip


PUBLIC = [*_competitions(), *_science(), *_programs(), *_people()]

UNSAID = {
    "Oxford's flowers with .mat files": tuple(f"jpg/image_{n:05}.jpg" for n in range(1, 20)),
    "one breed's folder": tuple(f"beagle/{n}.jpg" for n in range(8)),
    "one breed's folder in two halves": tuple(f"{s}/beagle/{s}{n}.jpg" for s in ("train", "val") for n in range(8)),
    "Telegram's export": tuple(f"ChatExport_2024-05-01/photos/photo_{n}@01-05-2024_10-10-1{n}.jpg" for n in range(1, 9)),
    "numbers before an underscore are classes, or not": tuple(f"{s}/{k}_{n}.jpg" for s in ("training", "validation", "evaluation") for k in range(3) for n in range(4)),
    "ages, sexes and days": tuple(f"UTKFace/{a}_{g}_{g}_2017011219{a}{g}{n}345.jpg.chip.jpg" for a in (1, 26) for g in (0, 1) for n in range(4)),
    "objects by number": tuple(f"coil-100/obj{k}__{5 * n}.png" for k in (1, 2, 3) for n in range(6)),
    "persons by number and camera": tuple(f"Market/bounding_box_train/{k:04}_c{n}s1_{n:06}_0{n}.jpg" for k in (2, 7, 10) for n in range(1, 5)),
    "codes of two letters": tuple(f"c{k}_{n:04}.jpg" for k in (1, 2) for n in range(6)),
    "Dropbox's uploads": tuple(f"Camera Uploads/2024-05-0{n} 10.10.1{n}.jpg" for n in range(1, 9)),
    "halves of numbers": tuple(f"data/{s}/{n:05}.png" for s in ("train", "val", "test") for n in range(6)),
    "leaf1, leaf2": tuple(f"leaf{k}/l{k}nr{n:03}.tif" for k in (1, 2, 3) for n in range(5)),
    "captures by a drone": tuple(f"flight {k}/DJI_{n:04}_W.JPG" for k in (1, 2) for n in range(5)),
    "the same pet at two places": tuple(f"{d}/IMG_{n}.jpg" for d in ("home", "garden") for n in range(5)),
}  # fmt: skip
"""Photos of which no name says the breed: a question, or a refusal, and no dataset."""
