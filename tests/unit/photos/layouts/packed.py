"""How people and public datasets pack photos of pets: the layouts that the readings are tried with, made here.

Each is the list of its files (photos, and what lies beside them), what its tables hold, and the labels that are right.
None of them is a copy of anybody's files: the names follow the sources' ways of naming, the photos do not exist.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import product

UUIDS = ("550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "f47ac10b-58cc-4372-a567-0e02b2c3d479",
         "a3bb189e-8bf9-4888-9912-ace4e6543002", "c9bf9e57-1685-4c89-bafb-ff5af830be8a", "e58ed763-928c-4155-bee9-fdbaaadc15f3")  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """One way to pack photos.

    Attributes:
        name: what it is like.
        right: path -> breed, for every photo that has one.
        others: paths of what is to be left out.
        tables: path -> text.
        asks: the right reading may stand beside others, with a question.
        labels: how it is labelled: a kind of `reading.KINDS`, or several where more than one is right.
        same: path -> what its content is, where two files are the same.
        sizes: path -> bytes.
    """

    name: str
    right: dict[str, str]
    others: tuple[str, ...] | list[str] = ()
    tables: dict[str, str] = field(default_factory=dict)
    asks: bool = False
    labels: tuple[str, ...] = ("folder", "parent", "name", "csv")
    same: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def breeds(self) -> dict[str, int]:
        return dict(sorted(Counter(self.right.values()).items()))


def files(pattern: str, number: int = 6, start: int = 0, **parts: list[str] | str) -> dict[str, str]:
    """pattern with {breed}, {n}, {uuid} and further parts filled in: path -> breed."""
    breeds = parts.pop("breed", ["beagle", "pug"])
    others = {k: v if isinstance(v, list) else [v] for k, v in parts.items()}
    out = {}
    for breed in breeds:
        for combination in product(*others.values()):
            values = dict(zip(others, combination, strict=True))
            for n in range(start, start + number):
                out[pattern.format(breed=breed, n=n, uuid=UUIDS[n % 6], **values)] = breed
    return out


def paths(pattern: str, number: int = 6, **parts: list[str] | str) -> tuple[str, ...]:
    return tuple(files(pattern, number, **{"breed": [""], **parts}))


def table(rows: dict[str, str], header: str, line: str = "{name},{breed}", **names: str) -> str:
    """A table with a line for each photo: {path}, {name}, {stem}, {breed}."""
    body = [
        line.format(
            path=p, name=p.rpartition("/")[2], stem=p.rpartition("/")[2].rpartition(".")[0], breed=names.get(b, b)
        )
        for p, b in rows.items()
    ]
    return "\n".join([header, *body] if header else body) + "\n"


def _folders() -> list[Layout]:
    by = ("folder",)
    return [
        Layout("two folders", files("{breed}/{n}.jpg"), labels=by),
        Layout("folders in a wrapping folder", files("My pets/{breed}/IMG_{n:04}.jpg"), labels=by),
        Layout("folders in three wrapping folders", files("a/data/pets photos/{breed}/IMG_{n:04}.jpg"), labels=by),
        Layout("wrapped, with a photo beside", files("pets/{breed}/{n}.jpg"), ("pets/cover.jpg",), labels=by),
        Layout("imagefolder's train and test", files("pets/{split}/{breed}/{n}.jpg", split=["train", "test"]), labels=by),
        Layout("train, valid and an unlabelled test", files("{split}/{breed}/{n}.jpg", split=["train", "valid"]),
               paths("test/{n}.jpg"), labels=by),
        Layout("splits in capitals, with numbers", files("{split}/{breed}/{n}.jpg", split=["TRAIN", "Val_1", "Test-2"]), labels=by),
        Layout("training_set and test_set, doubled",
               files("training_set/training_set/{breed}/{n}.jpg", breed=["cats", "dogs"])
               | files("test_set/test_set/{breed}/{n}.jpg", start=6, breed=["cats", "dogs"]), labels=by),
        Layout("dev and eval", files("{split}/{breed}/{n}.jpg", split=["train", "dev", "eval"]), labels=by),
        Layout("train-00 and validation-00", files("d/{split}/{breed}/{n}.jpg", split=["train-00", "validation-00"]), labels=by),
        Layout("test1 flat beside train", files("train/{breed}/{n}.jpg"), paths("test1/{n}.jpg"), labels=by),
        Layout("an unlabelled folder", files("{breed}/{n}.jpg"), paths("unlabelled/{n}.jpg"), labels=by),
        Layout("unsup beside train and test", files("{split}/{breed}/{n}.jpg", split=["train", "test"]), paths("train/unsup/{n}.jpg"), labels=by),
        Layout("class, then half", files("p/{breed}/{split}/IMG_{n:04}.jpg", split=["train", "valid"]), labels=("parent",)),
        Layout("class, then half, then images", files("{breed}/{split}/images/{n}.jpg", split=["Train", "Test"]), labels=("parent",)),
        Layout("class and half in one name", files("pets/{breed}_{split}/{n}.jpg", split=["train", "test"]), labels=by),
        Layout("the dataset's name and the half in one", files("pets_{split}/{breed}/{n}.jpg", split=["train", "test"]), labels=by),
        Layout("pet, then year", files("My pets/{breed}/{y}/IMG_{n:04}.jpg", breed=["Rex", "Tom"], y=["2023", "2024"]), labels=("parent",)),
        Layout("year, then pet", files("{y}/{breed}/IMG_{n:04}.jpg", breed=["Rex", "Tom"], y=["2023", "2024"]), labels=by),
        Layout("pet, year, month", files("{breed}/{y}/{m}/{n}.jpg", breed=["Rex", "Tom"], y=["2023", "2024"], m=["01", "02"]), labels=("parent",)),
        Layout("pet, then month's name", files("{breed}/{m}/{n}.jpg", breed=["Rex", "Tom"], m=["May", "June", "Juli"]), labels=("parent",)),
        Layout("pets of which one is called May", files("{breed}/{n}.jpg", breed=["Rex", "May", "Tom"]), labels=by),
        Layout("class, then split_1", files("data/{breed}/split_{k}/{n}.jpg", k=["1", "2"]), labels=("parent",)),
        Layout("batches, then class", files("batch{k}/{breed}/{n}.jpg", k=["1", "2", "3"]), labels=by),
        Layout("class, then indoor and outdoor", files("{breed}/{k}/{n}.jpg", k=["indoor", "outdoor"]), labels=("parent",)),
        Layout("class, then images", files("{breed}/images/{n}.jpg"), labels=("parent",)),
        Layout("images/class", files("images/{breed}/{n}.jpg"), paths("docs/{n}.jpg", 1), labels=by),
        Layout("camera folders below the class", files("{breed}/DCIM/100CANON/IMG_{n:04}.jpg"), labels=("parent",)),
        Layout("people who gave photos, then class", files("{who}/{breed}/{n}.jpg", breed=["cat", "dog"], who=["Anna", "Ben", "Cem"]), labels=by),
        Layout("species, then breed", files("cats/{breed}/{n}.jpg", breed=["Siamese", "Persian"])
               | files("dogs/{breed}/{n}.jpg", breed=["Beagle", "Pug"]), labels=by, asks=True),
        Layout("species, then names of pets", files("cat/{breed}/{n}.jpg", breed=["minka", "tom"])
               | files("dog/{breed}/{n}.jpg", breed=["rex", "bello"]), labels=by, asks=True),
        Layout("two words both ways", files("{breed}/{k}/{n}.jpg", breed=["Rex", "Tom"], k=["Anna", "Ben"]), asks=True),
        Layout("Stanford Dogs", files("Images/{breed}/x_{n}.jpg", breed=["Chihuahua", "Japanese_spaniel", "Pekinese"]), labels=by),
        Layout("Stanford Dogs' ids", {f"Images/{i}-{b}/{i}_{n}.jpg": b for i, b in (("n02085620", "Chihuahua"), ("n02085782", "Japanese_spaniel")) for n in range(6)}, labels=by),
        Layout("CUB", {f"CUB_200_2011/images/{i:03}.{b}/{b}_{n:04}_7961{n}.jpg": b for i, b in ((1, "Black_footed_Albatross"), (2, "Laysan_Albatross"), (3, "Sooty_Albatross")) for n in range(6)},
               ("CUB_200_2011/images.txt", "CUB_200_2011/classes.txt"),
               {"CUB_200_2011/classes.txt": "1 001.Black_footed_Albatross\n2 002.Laysan_Albatross\n3 003.Sooty_Albatross\n"}, labels=by),
        Layout("ImageNet's ids with a list of their names", {f"train/{i}/{i}_{n}.JPEG": b for i, b in (("n01440764", "tench"), ("n02123045", "tabby cat")) for n in range(6)},
               ("LOC_synset_mapping.txt",), {"LOC_synset_mapping.txt": "n01440764 tench\nn02123045 tabby cat\n"}, labels=by),
        Layout("Roboflow's folders", {f"{s}/{b}/{b}_{n}_jpg.rf.{k:032x}.jpg": b for s in ("train", "valid") for b in ("beagle", "pug") for n in range(3) for k in (3, 77)},
               ("README.roboflow.txt", "README.dataset.txt"), labels=by),
        Layout("a NAS's thumbnails", files("photos/{breed}/IMG_{n:04}.jpg"),
               tuple(f"photos/{b}/@eaDir/IMG_{n:04}.jpg/SYNOPHOTO_THUMB_{k}.jpg" for b in ("beagle", "pug") for n in range(6) for k in ("XL", "M")), labels=by),
        Layout("QNAP's thumbnails and recycle bin", files("{breed}/{n}.jpg"), (*paths("beagle/.@__thumb/s100{n}.jpg"), *paths("@Recycle/{n}.jpg")), labels=by),
        Layout("Android's .thumbnails", files("Pictures/{breed}/{n}.jpg"), paths("Pictures/.thumbnails/{n}.jpg"), labels=by),
        Layout("Windows' recycle bin", files("{breed}/{n}.jpg"), paths("$RECYCLE.BIN/S-1-5-21/$R{n}.jpg"), labels=by),
        Layout("small copies", files("{breed}/{n}.jpg"), paths("beagle/small/{n}.jpg") + paths("pug/small/{n}.jpg"), labels=by,
               sizes=dict.fromkeys(files("{breed}/{n}.jpg"), 9000)),
        Layout("WordPress' sizes", files("{breed}/pic{n}.jpg"), paths("beagle/pic{n}-150x150.jpg") + paths("pug/pic{n}-300x200.jpg"), labels=by),
        Layout("masks beside images", files("images/{breed}/{n}.jpg"), paths("masks/beagle/{n}.png") + paths("masks/pug/{n}.png"), labels=by),
        Layout("VOC's xml beside photos", files("{breed}/{n}.jpg"), paths("beagle/{n}.xml") + paths("Annotations/{n}.xml"), labels=by),
        Layout("with and without a mask", files("{breed}/{n}.jpg", breed=["with_mask", "without_mask"]), labels=by),
        Layout("albums, and every photo again under its year", files("Takeout/Google Photos/{breed}/IMG_{n:04}.jpg", breed=["Rex", "Tom"]),
               tuple(f"Takeout/Google Photos/Photos from 2023/IMG_{n}.jpg" for n in range(12)) + paths("Takeout/Google Photos/Rex/IMG_{n:04}.jpg.json") + ("Takeout/archive_browser.html",), labels=by),
        Layout("Google Fotos in German", files("Takeout/Google Fotos/{breed}/{n}.jpg", breed=["Rex", "Minka", "Tom"]), paths("Takeout/Google Fotos/Fotos von 2022/{n}.jpg"), labels=by),
        Layout("a folder of all of them", files("{breed}/{n}.jpg", breed=["Rex", "Tom"]), paths("everything/Rex{n}.jpg") + paths("everything/Tom{n}.jpg"), labels=by,
               same={f"{a}{b}{c}{n}.jpg": f"{b}{n}" for a, b, c in (("", "Rex", "/"), ("", "Tom", "/"), ("everything/", "Rex", ""), ("everything/", "Tom", "")) for n in range(6)}),
        Layout("spellings that read alike", {f"m/{f}/{n}.jpg": b for f, b in (("golden_retriever", "golden_retriever"), ("golden retriever", "golden_retriever"), ("Golden-Retriever", "golden_retriever"), ("pug", "pug"), ("Pug ", "pug")) for n in range(4)}, labels=by),
        Layout("halves spelled otherwise", files("train/{breed}/{n}.jpg", 8, breed=["Beagle", "Pug"]) | {f"valid/{b.lower()}/v{n}.jpg": b for b in ("Beagle", "Pug") for n in range(3)}, labels=by),
        Layout("folders that are numbers", files("{breed}/{n}.jpg", breed=["1", "2", "3"]), asks=True),
        Layout("numbers, and a list of what they are", {f"train/{k}/{n}.jpg": b for k, b in ((0, "beagle"), (1, "pug")) for n in range(6)}, ("classes.txt",), {"classes.txt": "0 beagle\n1 pug\n"}, labels=by),
        Layout("Windows' new folders", files("pets/{breed}/{n}.jpg") | {f"pets/pug/New folder/n{n}.jpg": "pug" for n in range(3)} | {f"pets/beagle/New folder (2)/m{n}.jpg": "beagle" for n in range(3)}, labels=by),
        Layout("other alphabets", files("фото/{breed}/{n}.jpg", breed=["кошка", "собака"]), labels=by),
        Layout("breeds with words for halves in them", files("{breed}/{n}.jpg", breed=["Training shoes", "Boots", "Sandals"]), labels=by),
        Layout("classes within a class of the same name", files("cats_dogs/{breed}/{breed}/{n}.jpg", breed=["cat", "dog"]), labels=("folder", "parent")),
        Layout("days of one pet each, with names", files("{d}/{breed}_{n}.jpg", breed=["rex", "tom"], d=["2024-05-01", "2024-05-02"]), labels=("name",)),
    ]  # fmt: skip


def _names() -> list[Layout]:
    by = ("name",)
    return [
        Layout("Kaggle's cat.0.jpg", files("train/{breed}.{n}.jpg", breed=["cat", "dog"]), labels=by),
        Layout("Kaggle's cat.0.jpg, and test1", files("train/{breed}.{n}.jpg", breed=["cat", "dog"]), paths("test1/{n}.jpg"), labels=by),
        Layout("beagle (3).jpg", files("{breed} ({n}).jpg"), labels=by),
        Layout("beagle.jpg, beagle (2).jpg", {"beagle.jpg": "beagle", "pug.jpg": "pug"} | files("{breed} ({n}).jpg", start=2), labels=by),
        Layout("the lesson's own", files("images/{breed}_{n}.jpg", breed=["Abyssinian", "great_pyrenees", "pug"]), labels=by),
        Layout("Oxford's folder as it is", files("oxford-iiit-pet/images/{breed}_{n}.jpg", breed=["Abyssinian", "great_pyrenees"]),
               paths("oxford-iiit-pet/annotations/trimaps/Abyssinian_{n}.png") + paths("oxford-iiit-pet/annotations/trimaps/great_pyrenees_{n}.png")
               + paths("oxford-iiit-pet/annotations/xmls/Abyssinian_{n}.xml") + ("oxford-iiit-pet/annotations/list.txt",),
               {"oxford-iiit-pet/annotations/list.txt": "#Image CLASS-ID SPECIES BREED ID\n" + "".join(f"Abyssinian_{n} 1 1 1\ngreat_pyrenees_{n} 2 2 1\n" for n in range(6))}, labels=by),
        Layout("Roboflow, flat", {f"train/{b}_{n}_jpg.rf.{k:032x}.jpg": b for b in ("beagle", "pug") for n in range(3) for k in (3, 77)}, labels=by),
        Layout("Label Studio's hash before the name", {f"{n + 1:02x}3f9a{k}c-{b}_{n}.jpg": b for b, k in (("beagle", 1), ("pug", 7)) for n in range(6)}, labels=by),
        Layout("day, then name", {f"2024050{n + 1}_{b}.jpg": b for b in ("rex", "tom") for n in range(6)}, labels=by),
        Layout("camera's number, then name", {f"IMG_{n:04} {b}.jpg": b for b in ("rex", "tom") for n in range(6)}, labels=by),
        Layout("day, name, number", {f"2024-05-0{n + 1} {b} {n}.jpg": b for b in ("rex", "tom") for n in range(6)}, labels=by),
        Layout("ids of letters and digits behind", {f"{b}-{'abcdef'[n]}{n}f3c{n}.jpg": b for b in ("golden_retriever", "pug") for n in range(6)}, labels=by),
        Layout("uuids behind", files("{breed}_{uuid}.jpg"), labels=by),
        Layout("other words behind", {f"{b}-{w}.jpg": b for b in ("rex", "tom") for w in ("at-the-beach", "asleep", "in-the-park", "eats", "runs", "with-ball")}, labels=by),
        Layout("copies by a file manager", {f"{b} {n} - Copy.jpg": b for b in ("beagle", "pug") for n in range(3)} | files("{breed} {n}.jpg"), labels=by),
        Layout("augmented by hand", {f"{b}_{n}_{k}.jpg": b for b in ("beagle", "pug") for n in range(3) for k in ("flip", "rot90")}, labels=by),
        Layout("numbers first", {f"{n:03}_{b}.png": b for n, b in enumerate(["rex", "tom"] * 6)}, labels=by),
        Layout("WordNet's id and the breed in the name", {f"n0208562{k}-{b}_{n}.jpg": b for k, b in ((0, "Chihuahua"), (1, "Pug")) for n in range(6)}, labels=by),
        Layout("masks beside photos by their names", files("{breed}_{n}.jpg"), paths("beagle_{n}_mask.png") + paths("pug_{n}_mask.png"), labels=by),
        Layout("a class in halves by name and folder alike", files("{s}/{breed}.{n}.jpg", breed=["cat", "dog"], s=["train", "valid"]), labels=by),
        Layout("some from a camera, most named", files("{breed}_{n}.jpg"), ("IMG_2034.jpg", "IMG_2035.jpg"), labels=by),
        Layout("a pet called Sam", files("{breed}_{n}.jpg", breed=["rex", "sam", "tom"]), labels=by),
    ]  # fmt: skip


def _tables() -> list[Layout]:
    by = ("csv",)
    ids = {f"train/{n:04x}a9{n:04x}f1.jpg": b for n, b in enumerate(["boston_bull", "dingo", "pug"] * 5)}
    flat = {f"images/{n}.jpg": b for n, b in enumerate(["beagle", "pug"] * 6)}
    hot = {
        f"{s}/IMG_{n}_jpg.rf.{n:032x}.jpg": b for s in ("train", "valid") for n, b in enumerate(["beagle", "pug"] * 4)
    }
    return [
        Layout("dog-breed-identification", ids, paths("test/00{n}bb.jpg") + ("sample_submission.csv",),
               {"labels.csv": table(ids, "id,breed", "{stem},{breed}"), "sample_submission.csv": "id,boston_bull,dingo,pug\n" + "".join(f"00{n}bb,0.33,0.33,0.33\n" for n in range(6))}, labels=by),
        Layout("filename,label", flat, tables={"labels.csv": table(flat, "filename,label")}, labels=by),
        Layout("paths in the table", flat, tables={"train.csv": table(flat, "path,class", "{path},{breed}")}, labels=by),
        Layout("Windows' paths in the table", flat, tables={"labels.csv": table({p.replace("/", "\\"): b for p, b in flat.items()}, "file,animal", "{path},{breed}")}, labels=by),
        Layout("imagefolder's metadata.csv", {f"train/{n:04}.png": b for n, b in enumerate(["cat", "dog"] * 5)},
               tables={"train/metadata.csv": table({f"train/{n:04}.png": b for n, b in enumerate(["cat", "dog"] * 5)}, "file_name,label")}, labels=by),
        Layout("metadata.jsonl", {f"train/{n:04}.png": b for n, b in enumerate(["cat", "dog"] * 5)},
               tables={"train/metadata.jsonl": "".join(f'{{"file_name": "{n:04}.png", "label": "{b}"}}\n' for n, b in enumerate(["cat", "dog"] * 5))}, labels=by),
        Layout("semicolons and a byte order mark", flat, tables={"Tiere.csv": "\ufeff" + table(flat, "Datei;Rasse", "{name};{breed}")}, labels=by),
        Layout("tabs", flat, tables={"labels.tsv": table(flat, "image\tbreed", "{name}\t{breed}")}, labels=by),
        Layout("no first line of names", flat, tables={"labels.csv": table(flat, "")}, labels=by),
        Layout("numbers without noughts", {f"img/{n:05}.jpg": b for n, b in enumerate(["cat", "dog"] * 5)},
               tables={"labels.csv": "id,label\n" + "".join(f"{n},{b}\n" for n, b in enumerate(["cat", "dog"] * 5))}, labels=by),
        Layout("one-hot, in each half", hot, tables={f"{s}/_classes.csv": "filename, beagle, pug\n" + "".join(f"{p.rpartition('/')[2]},{int(b == 'beagle')},{int(b == 'pug')}\n" for p, b in hot.items() if p.startswith(s)) for s in ("train", "valid")}, labels=by),
        Layout("further columns", flat, tables={"labels.csv": table(flat, "id,width,height,split,breed,age", "{stem},400,300,train,{breed},3")}, labels=by),
        Layout("number and name of the class", flat, tables={"labels.csv": "id,label,class_name\n" + "".join(f"{p[7:-4]},{int(b == 'pug')},{b}\n" for p, b in flat.items())}, labels=by),
        Layout("numbers in the table, names in a list", flat, ("classes.txt",), {"train.csv": "image,label\n" + "".join(f"{p[7:]},{int(b == 'pug')}\n" for p, b in flat.items()), "classes.txt": "0 beagle\n1 pug\n"}, labels=by),
        Layout("a list of paths and words", flat, tables={"train.txt": "".join(f"{p} {b}\n" for p, b in flat.items())}, labels=by),
        Layout("same file names in two folders, paths in the table", {f"{s}/{n}.jpg": b for s in ("a", "b") for n, b in enumerate(["cat", "dog"] * 3)},
               tables={"labels.csv": "file,label\n" + "".join(f"{s}/{n}.jpg,{b}\n" for s in ("a", "b") for n, b in enumerate(["cat", "dog"] * 3))}, labels=by),
        Layout("species and breed in one table", flat, tables={"pets.csv": table(flat, "image,species,breed", "{name},dog,{breed}")}, labels=by),
        Layout("two columns that may be meant", flat, tables={"pets.csv": "image,pet,kind\n" + "".join(f"{p[7:]},{b},{'ab'[n // 6]}\n" for n, (p, b) in enumerate(flat.items()))}, asks=True, labels=by),
        Layout("table and folders agree", files("train/{breed}/{n}.jpg"), tables={"train.csv": table(files("train/{breed}/{n}.jpg"), "path,label", "{path},{breed}")}),
        Layout("table against folders", {f"{'ab'[n % 2]}/{n}.jpg": b for n, b in enumerate(["cat", "cat", "dog", "dog"] * 3)},
               tables={"labels.csv": "id,label\n" + "".join(f"{n},{b}\n" for n, b in enumerate(["cat", "cat", "dog", "dog"] * 3))}, asks=True),
    ]  # fmt: skip


def _public() -> list[Layout]:
    """After the ways in which datasets on Kaggle, labelling services, cameras and photo programs pack photos."""
    hashes = ("a3f9c2", "b81e07", "c09d4f", "d77aa1", "e5b3c8", "f04e6d")
    cat = ["cat", "dog"]
    return [
        Layout("AFHQ", {f"afhq/{s}/{b}/{src}_{b}_{n:06}.jpg":b for s in("train","val") for b in("cat","dog","wild") for src in("flickr","pixabay") for n in range(4)}),
        Layout("edge impulse", {f"{s}/{b}.{h}.jpg":b for s in("training","testing") for b in cat for h in hashes}),
        Layout("rejected beside", files("{breed}/{n}.jpg"), paths("rejected/{n}.jpg")),
        Layout("good and bad", files("{breed}/{n}.jpg",breed=["good","bad"]), asks=True),
        Layout("new folder beside", files("{breed}/{n}.jpg"), paths("New folder/{n}.jpg")),
        Layout("rex_IMG_1234", {f"{b}_IMG_{n:04}.jpg":b for b in("rex","tom") for n in range(6)}),
        Layout("male female names", {f"{b}_{s}_{n}.jpg":b for b in("beagle","pug") for s in("male","female") for n in range(4)}, asks=True),
        Layout("copies of copies", {f"{b}{k}.jpg":b for b in("beagle","pug") for k in("",' - Copy',' - Copy (2)',' - Copy (3)',' (2)')}),
        Layout("train_cat_001", {f"{s}_{b}_{n:03}.jpg":b for s in("train","test") for b in cat for n in range(5)}),
        Layout("cat_train_001", {f"{b}_{s}_{n:03}.jpg":b for s in("train","test") for b in cat for n in range(5)}),
        Layout("each in own folder", {f"{b}_{n}/photo.jpg":b for b in("beagle","pug") for n in range(6)}, asks=True),
        Layout("date rex folders", {f"2024-05-0{d} {b}/IMG_{n}.jpg":b for d in(1,2,3) for b in("Rex","Tom") for n in range(3)}, asks=True),
        Layout("Rex 2023 folders", {f"{b} {y}/IMG_{n}.jpg":b for y in(2022,2023) for b in("Rex","Tom") for n in range(3)}, asks=True),
        Layout("cat/0001/", {f"{b}/{i:04}/img{n}.jpg":b for b in("Rex","Tom") for i in (range(3)) for n in range(3)}),
        Layout("Intel", {f"seg_{s}/seg_{s}/{b}/{n}.jpg":b for s in("train","test") for b in("forest","sea","street") for n in range(4)}, paths("seg_pred/seg_pred/{n}.jpg")),
        Layout("trainA", {f"horse2zebra/{s}{k}/n0{n}.jpg":k for s in("train","test") for k in"AB" for n in range(5)}, asks=True),
        Layout("tongpython", {f"{s}_set/{s}_set/{b}s/{b}.{n+o}.jpg":b+"s" for s,o in(("training",1),("test",4001)) for b in cat for n in range(5)}, ["training_set/training_set/cats/_DS_Store"]),
        Layout("70 breeds", {f"{s}/{b}/{n:03}.jpg":b for s in("train","valid","test") for b in("Afghan","Airedale","Basenji") for n in range(4)}, tables={"dogs.csv":"filepaths,labels,data set\n"+"".join(f"{s}/{b}/{n:03}.jpg,{b},{s}\n" for s in("train","valid","test") for b in("Afghan","Airedale","Basenji") for n in range(4))}),
        Layout("Animals-10", {f"raw-img/{b}/OIP-{h}.jpeg":b for b in("cane","gatto","mucca") for h in hashes}, ["translate.py"]),
        Layout("tiny imagenet", {f"tiny-imagenet-200/train/{i}/images/{i}_{n}.JPEG":b for i,b in(("n01443537","goldfish"),("n02123045","tabby")) for n in range(5)}, list(paths("tiny-imagenet-200/val/images/val_{n}.JPEG"))+list(paths("tiny-imagenet-200/test/images/test_{n}.JPEG")), {"tiny-imagenet-200/words.txt":"n01443537\tgoldfish\nn02123045\ttabby\nn00001740\tentity\n","tiny-imagenet-200/wnids.txt":"n01443537\nn02123045\n","tiny-imagenet-200/val/val_annotations.txt":"".join(f"val_{n}.JPEG\tn0{'1443537' if n%2 else '2123045'}\t0\t0\t3\t3\n" for n in range(6))}),
        Layout("ILSVRC", {f"ILSVRC/Data/CLS-LOC/train/{i}/{i}_{n}.JPEG":b for i,b in(("n01440764","tench"),("n02123045","tabby")) for n in range(5)}, list(paths("ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_{n:08}.JPEG"))+list(paths("ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_{n:08}.JPEG")), {"LOC_synset_mapping.txt":"n01440764 tench, Tinca tinca\nn02123045 tabby, tabby cat\n"}),
        Layout("CIFAR kaggle", {f"train/{n}.png":["cat","dog","frog"][n%3] for n in range(1,16)}, paths("test/{n}.png"), {"trainLabels.csv":"id,label\n"+"".join(f"{n},{['cat','dog','frog'][n%3]}\n" for n in range(1,16)),"sampleSubmission.csv":"id,label\n1,cat\n2,cat\n"}),
        Layout("flowers", {f"flowers/{b}/{100080576+n}_f52e8ee07{n}_n.jpg":b for b in("daisy","rose","tulip") for n in range(5)}),
        Layout("food101", {f"food-101/images/{b}/{1005649+n}.jpg":b for b in("apple_pie","ramen") for n in range(5)}, [], {"food-101/meta/classes.txt":"apple_pie\nramen\n","food-101/meta/train.txt":"".join(f"{b}/{1005649+n}\n" for b in("apple_pie","ramen") for n in range(5)),"food-101/meta/labels.txt":"Apple pie\nRamen\n"}),
        Layout("caltech256", {f"256_ObjectCategories/{i:03}.{b}/{i:03}_{n:04}.jpg":b for i,b in((1,"ak47"),(2,"american-flag"),(3,"backpack")) for n in range(5)}),
        Layout("plantvillage", {f"PlantVillage/{v}/{b}/{UUIDS[n]}___X {n}.JPG":b for v in("color","grayscale","segmented") for b in("Apple___Black_rot","Apple___healthy") for n in range(4)}, asks=True),
        Layout("yolo detection classification by name", {f"{s}/images/{b}_{n}_jpg.rf.{h}{h}.jpg":b for s in("train","valid") for b in("beagle","pug") for n,h in enumerate(hashes)}, [f"{s}/labels/{b}_{n}_jpg.rf.{h}{h}.txt" for s in("train","valid") for b in("beagle","pug") for n,h in enumerate(hashes)]+["data.yaml"]),
        Layout("lightroom days", {f"2024/2024-05-0{d}/{b}-{n}.jpg":b for d in (1,2) for b in("rex","tom") for n in range(4)}),
        Layout("openimages", {f"images/{h}{n}.jpg":["Cat","Dog"][n%2] for n,h in enumerate(hashes * 2)}, [], {"labels.csv":"ImageID,Source,LabelName,Confidence\n"+"".join(f"{h}{n},verification,{['/m/01yrx','/m/0bt9lr'][n%2]},1\n" for n,h in enumerate(hashes * 2)),"class-descriptions.csv":"/m/01yrx,Cat\n/m/0bt9lr,Dog\n/m/0cdl1,Bird\n"}),
        Layout("bbox rows", {f"img/{n}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {"annotations.csv":"filename,width,height,class,xmin,ymin,xmax,ymax\n"+"".join(f"{n}.jpg,400,300,{['cat','dog'][n%2]},{k},1,20,30\n" for n in range(10) for k in(1,5))}),
        Layout("json dict", {f"img/{n}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {"labels.json":"{"+",".join(f'"{n}.jpg":"{["cat","dog"][n%2]}"' for n in range(10))+"}"}),
        Layout("json list", {f"img/{n}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {"labels.json":"["+",".join(f'{{"image":"{n}.jpg","label":"{["cat","dog"][n%2]}"}}' for n in range(10))+"]"}),
        Layout("coco", {f"train/{n}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {"train/_annotations.coco.json":'{"images":['+",".join(f'{{"id":{n},"file_name":"{n}.jpg"}}' for n in range(10))+'],"annotations":['+",".join(f'{{"id":{n},"image_id":{n},"category_id":{n%2+1}}}' for n in range(10))+'],"categories":[{"id":0,"name":"pets"},{"id":1,"name":"cat"},{"id":2,"name":"dog"}]}'}),
        Layout("voc", {f"VOC2007/JPEGImages/{n:06}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {f"VOC2007/Annotations/{n:06}.xml":f"<annotation><filename>{n:06}.jpg</filename><object><name>{['cat','dog'][n%2]}</name></object></annotation>" for n in range(10)}),
        Layout("labelimg beside", {f"p/{n:06}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {f"p/{n:06}.xml":f"<annotation><filename>{n:06}.jpg</filename><object><name>{['cat','dog'][n%2]}</name></object></annotation>" for n in range(10)}),
        Layout("yolo txt", {f"train/images/{n:06}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {**{f"train/labels/{n:06}.txt":f"{n%2} 0.5 0.5 0.2 0.2\n" for n in range(10)},"data.yaml":"train: ../train/images\nnc: 2\nnames: ['cat', 'dog']\n"}),
        Layout("cat_to_name", {f"flower_data/{s}/{k}/image_0{n}{k}.jpg":b for s in("train","valid") for k,b in(("1","pink primrose"),("2","lily")) for n in range(4)}, [], {"cat_to_name.json":'{"1":"pink primrose","2":"lily"}'}),
        Layout("imagenet class index", {f"train/{i}/{i}_{n}.JPEG":b for i,b in(("n01440764","tench"),("n02123045","tabby")) for n in range(5)}, [], {"imagenet_class_index.json":'{"0":["n01440764","tench"],"281":["n02123045","tabby"]}'}),
        Layout("mixed depth", files("cats/{breed}.jpg",breed=[]) | {f"cats/{n}.jpg":"cats" for n in range(6)}|{f"dogs/{k}/{n}.jpg":"dogs" for k in("puppies","adults") for n in range(4)}),
        Layout("three levels", {f"{sp}/{b}/{i}/{n}.jpg":b for sp,bs in(("cats",("Siamese","Persian")),("dogs",("Beagle","Pug"))) for b in bs for i in("Ann","Bo") for n in range(3)}),
        Layout("semantic ids", {f"pets/{b}/{u}.jpg":b for b in("beagle","pug") for u in UUIDS}),
        Layout("teachable", {f"{b}-samples/{n}.jpg":f"{b}-samples" for b in("Class 1","Class 2") for n in range(6)}, asks=True),
        Layout("Bengal kitten", {f"{b}/{k}/{n}.jpg":b for b in("Bengal","Siamese") for k in("kitten","adult cat") for n in range(4)}, asks=True),
        Layout("by hour folders", {f"{b}/{k}/{n}.jpg":b for b in("Rex","Tom") for k in("10h","11h") for n in range(4)}, asks=True),
        Layout("phones", {f"{b}/{k}/IMG_{n}.jpg":b for b in("Rex","Tom") for k in("iPhone","Pixel 7") for n in range(4)}, asks=True),
        Layout("xls", files("{breed}/{n}.jpg"), ["labels.xlsx"]),
        Layout("dot names", {f"{b}.{h}.jpg":b for b in("golden retriever","pug") for h in hashes}),
        Layout("hyphen number first", {f"{n+1}-{b}.jpg":b for n,b in enumerate(["rex","tom"]*5)}),
        Layout("uppercase ext", {f"{b}_{n}.JPG":b for b in("rex","tom") for n in range(5)}),
        Layout("rex2.jpeg", {f"{b}{n}.jpeg":b for b in("rex","tom") for n in range(1,7)}),
        Layout("utf names", {f"{b} {n}.jpg":b for b in("кот","собака") for n in range(5)}),
        Layout("jp names", {f"{b}{n}.jpg":b for b in("犬","猫") for n in range(5)}),
        Layout("only two letters", {f"{b}/{n}.jpg":b for b in("A","B") for n in range(5)}, asks=True),
        Layout("images/train/class", {f"images/{s}/{b}/{n}.jpg":b for s in("train","val") for b in("rex","tom") for n in range(5)}, list(paths("labels/train/{n}.txt"))),
        Layout("class/train/images", {f"{b}/{s}/images/{n}.jpg":b for s in("train","val") for b in("rex","tom") for n in range(5)}),
        Layout("dataset per half and class", {f"{s}-{b}/{n}.jpg":b for s in("train","test") for b in("rex","tom") for n in range(5)}),
        Layout("TrainCats", {f"{s}{b}/{n}.jpg":b for s in("Train","Test") for b in("Cats","Dogs") for n in range(5)}),
        Layout("fold", {f"fold_{s}/{b}/{n}.jpg":b for s in range(3) for b in("Cats","Dogs") for n in range(5)}),
        Layout("class/fold", {f"{b}/fold{s}/{n}.jpg":b for s in range(3) for b in("Cats","Dogs") for n in range(5)}),
        Layout("supervised", {f"supervised/{s}/{b}/{n}.jpg":b for s in("train","test") for b in("Cats","Dogs") for n in range(5)}, paths("unsupervised/{n}.jpg")),
        Layout("extra test name", files("train/{breed}/{n}.jpg"), paths("evaluation_images/{n}.jpg")),
        Layout("numbered folders with many", {f"{b} {k}/IMG_{n}.jpg":b for b in("beagle","pug") for k in(1,2) for n in range(5)}, asks=True),
        Layout("session folders", {f"session {k}/{b}/IMG_{n}.jpg":b for b in("beagle","pug") for k in(1,2) for n in range(5)}),
        Layout("pet, then day in eight digits", files("{breed}/{d}/IMG_{n}.jpg", breed=["Rex", "Tom"], d=["20240501", "20240502"]), labels=("parent",)),
        Layout("Sommer", {f"{b}/{k}/IMG_{n}.jpg":b for b in("Rex","Tom") for k in("Sommer 2022","Winter 2023","Weihnachten") for n in range(5)}),
        Layout("month words with numbers", {f"{b}/{k}/IMG_{n}.jpg":b for b in("Rex","Tom") for k in("01 - January","02 - February") for n in range(5)}),
        Layout("class/YYYY/MM/DD", {f"{b}/2024/{m:02}/{d:02}/IMG_{n}.jpg":b for b in("Rex","Tom") for m in(1,2) for d in(3,4) for n in range(3)}),
        Layout("YYYY/MM/class", {f"2024/{m:02}/{b}/IMG_{n}.jpg":b for b in("Rex","Tom") for m in(1,2) for n in range(3)}),
        Layout("screens mixed in class", {f"{b}/{f}.png":b for b in("cat","dog") for f in("Screenshot 2024-05-01 at 10.22.33","IMG_2033","PXL_20240501_100","WhatsApp Image 2024","1")}),
        Layout("chunks of images (NIH)", {f"images_{k:03}/images/{k}{n:04}.png":["Mass","Nodule"][n%2] for k in(1,2,3) for n in range(6)}, [], {"Data_Entry.csv":"Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age\n"+"".join(f"{k}{n:04}.png,{['Mass','Nodule'][n%2]},{n},{k},4{n}\n" for k in(1,2,3) for n in range(6))}),
        Layout("fashion styles.csv", {f"images/{1000+n}.jpg":["Apparel","Footwear"][n%2] for n in range(12)}, [], {"styles.csv":"id,gender,masterCategory,subCategory,articleType\n"+"".join(f"{1000+n},{'Men' if n%3 else 'Women'},{'Apparel' if n%2==0 else 'Footwear'},{['Topwear','Shoes'][n%2]},{['Shirts','Shoes'][n%2]}\n" for n in range(12))}, asks=True),
        Layout("cassava", {f"train_images/{1000+n}.jpg":["CBB","CBSD","Healthy"][n%3] for n in range(12)}, list(paths("test_images/99{n}.jpg")), {"train.csv":"image_id,label\n"+"".join(f"{1000+n}.jpg,{n%3}\n" for n in range(12)),"label_num_to_disease_map.json":'{"0":"CBB","1":"CBSD","2":"Healthy"}'}),
        Layout("whale", {f"train/{h}{n}.jpg":["w_1","w_2"][n%2] for n,h in enumerate(hashes * 2)}, list(paths("test/zz{n}.jpg")), {"train.csv":"Image,Id\n"+"".join(f"{h}{n}.jpg,{['w_1','w_2'][n%2]}\n" for n,h in enumerate(hashes * 2))}),
        Layout("happywhale species", {f"train_images/{h}{n}.jpg":["dolphin","beluga"][n%2] for n,h in enumerate(hashes * 2)}, [], {"train.csv":"image,species,individual_id\n"+"".join(f"{h}{n}.jpg,{['dolphin','beluga'][n%2]},id{n//2}\n" for n,h in enumerate(hashes * 2))}),
        Layout("aptos", {f"train_images/{h}{n}.png":str(n%2) for n,h in enumerate(hashes * 2)}, [], {"train.csv":"id_code,diagnosis\n"+"".join(f"{h}{n},{n%2}\n" for n,h in enumerate(hashes * 2))}, asks=True),
        Layout("ham10000", {f"HAM_part_{k}/ISIC_{k}{n:05}.jpg":["nv","mel"][n%2] for k in(1,2) for n in range(6)}, [], {"HAM10000_metadata.csv":"lesion_id,image_id,dx,dx_type,age,sex,localization\n"+"".join(f"HAM_{n},ISIC_{k}{n:05},{['nv','mel'][n%2]},histo,{50+n%3},male,{'back' if n<3 else 'face'}\n" for k in(1,2) for n in range(6))}, asks=True),
        Layout("simpsons", {f"simpsons_dataset/simpsons_dataset/{b}/pic_{n:04}.jpg":b for b in("bart","lisa") for n in range(5)}|{f"simpsons_dataset/{b}/p_{n:04}.jpg":b for b in("bart","lisa") for n in range(5)}, [f"kaggle_simpson_testset/kaggle_simpson_testset/{b}_{n}.jpg" for b in("bart","lisa") for n in range(4)]),
        Layout("monkey species", {f"{s}/{s}/{k}/{k}{n:03}.jpg":b for s in("training","validation") for k,b in(("n0","mantled_howler"),("n1","patas_monkey")) for n in range(5)}, ["monkey_labels.txt"], {"monkey_labels.txt":"Label, Latin Name, Common Name, Train Images, Validation Images\nn0, alouatta, mantled_howler, 131, 26\nn1, erythro, patas_monkey, 139, 28\n"}, asks=True),
        Layout("fruits-360", {f"fruits-360/{s}/{b}/r_{n}_100.jpg":b for s in("Training","Test") for b in("Apple Braeburn","Apple Golden 1") for n in range(5)}, ["fruits-360/test-multiple_fruits/apple.jpg"]),
        Layout("gestures", {f"leapGestRecog/{k:02}/{i:02}_{b}/frame_{k:02}_{i:02}_{n:04}.png":b for k in range(3) for i,b in((1,"palm"),(2,"l"),(3,"fist")) for n in range(3)}),
        Layout("signs A", {f"asl_alphabet_train/asl_alphabet_train/{b}/{b}{n}.jpg":b for b in("A","B","space","nothing") for n in range(5)}, ["asl_alphabet_test/asl_alphabet_test/A_test.jpg"]),
        Layout("lfw", {f"lfw/{b}/{b}_{n:04}.jpg":b for b in("Aaron_Eckhart","Abel_Pacheco") for n in range(5)}),
        Layout("chest", {f"chest_xray/{s}/{b}/{p}{n}-000{n}.jpeg":b for s in("train","test","val") for b,p in(("NORMAL","IM-"),("PNEUMONIA","person")) for n in range(5)}),
        Layout("covid", {f"COVID-19_Radiography_Dataset/{b}/{k}/{b}-{n}.png":b for b in("COVID","Normal") for k in("images",) for n in range(5)}, [f"COVID-19_Radiography_Dataset/{b}/masks/{b}-{n}.png" for b in("COVID","Normal") for n in range(5)]+["COVID-19_Radiography_Dataset/COVID.metadata.xlsx"]),
        Layout("brain tumor", {f"{s}/{b}/image({n}).jpg":b for s in("Training","Testing") for b in("glioma_tumor","no_tumor") for n in range(5)}),
        Layout("dogs cats zip parts", {f"part{k}/{b}.{k}{n}.jpg":b for k in(1,2) for b in cat for n in range(5)}),
        Layout("HF flat with split prefix csv", {f"{n:05}.jpg":["cat","dog"][n%2] for n in range(10)}, [], {"metadata.csv":"file_name,label,split\n"+"".join(f"{n:05}.jpg,{['cat','dog'][n%2]},{'train' if n<7 else 'test'}\n" for n in range(10))}),
        Layout("german", {f"Bilder/{b}/{n}.jpg":b for b in("Hund","Katze") for n in range(5)}, ["Bilder/Papierkorb/1.jpg"]),
        Layout("numbers csv vs folder", {f"{b}/{n}{b[0]}.jpg":b for b in("cat","dog") for n in range(6)}, [], {"scores.csv":"file,score\n"+"".join(f"{n}{b[0]}.jpg,{n%3}\n" for b in("cat","dog") for n in range(6))}),
        Layout("csv breed vs species folder", {f"{'cats' if n%4<2 else 'dogs'}/{n}.jpg":["Persian","Siamese","Pug","Boxer"][n%4] for n in range(16)}, [], {"breeds.csv":"image,breed\n"+"".join(f"{n}.jpg,{['Persian','Siamese','Pug','Boxer'][n%4]}\n" for n in range(16))}),
    ]  # fmt: skip


def _beside() -> list[Layout]:
    """Lists and files beside the photos that say the breed, or only seem to."""
    flat = {f"p/{n:03}.jpg": b for n, b in enumerate(["beagle", "pug"] * 6)}
    terrain = files("{breed}/{breed}_{n}.jpg", breed=["Forest", "River"])
    dishes = files("food-101/images/{breed}/{breed}{n}.jpg", breed=["ramen", "sushi"])

    def each(ending: str, text: str) -> dict[str, str]:
        return {p.replace(".jpg", ending): text.format(b=b, n=int(b == "pug")) for p, b in flat.items()}

    return [
        Layout("the classes' photos in a list", dishes, tables={"food-101/meta/train.json": json.dumps(
            {b: [p[16:-4] for p, of in dishes.items() if of == b] for b in ("ramen", "sushi")})}),
        Layout("numbers for the folders' words", terrain, tables={"label_map.json": '{"Forest": 0, "River": 1}'}),
        Layout("numbers in a table, words before numbers in a list", flat, tables={
            "label_map.json": '{"beagle": 0, "pug": 1}', "labels.csv": table(flat, "id,label", beagle="0", pug="1")}),
        Layout("YOLO's numbers, classes.txt", flat, tables=each(".txt", "{n} 0.5 0.5 0.2 0.2\n") | {"p/classes.txt": "beagle\npug\n"}),
        Layout("a word beside each photo", flat, tables=each(".txt", "{b}\n")),
        Layout("a .cls beside each photo", flat, tables=each(".cls", "{b}")),
        Layout("a .json beside each photo", flat, tables=each(".json", '{{"width": 3, "label": "{b}"}}')),
        Layout("addresses in a table", flat, tables={"labels.csv": table(flat, "url,label", "https://example.org/p/{name}?w=3,{b}".replace("{b}", "{breed}"))}),
        Layout("Hunderasse beside Besitzer", flat, tables={"Liste.csv": "Bild;Hunderasse;Besitzer\n" + "".join(
            f"{p[2:]};{b};{'ABCD'[n % 4]}\n" for n, (p, b) in enumerate(flat.items()))}),
        Layout("folders with a count", files("{breed} (12)/IMG_{n}.jpg")),
        Layout("folders with a count of photos", files("{breed} - 120 photos/IMG_{n}.jpg")),
        Layout("the breed in brackets", {f"pic {n} ({b}).jpg": b for n, b in enumerate(["rex", "tom"] * 6)}),
        Layout("name and place, all combinations", {f"{n} {b} {k}.jpg": b for b in ("rex", "tom") for k in ("beach", "sofa")
                                                    for n in range(4)}, asks=True),
        Layout("MNIST_SAMPLE", files("m/{s}/{breed}/{s}{breed}{n}.png", breed=["3", "7"], s=["train", "valid"]), asks=True,
               tables={"m/labels.csv": table(files("{s}/{breed}/{s}{breed}{n}.png", breed=["3", "7"], s=["train", "valid"]),
                                             "name,label", "{path},{breed}", **{"3": "0", "7": "1"})}),
    ]  # fmt: skip


MOST_ASKED = 1 / 3
"""Part of the layouts that may need an answer."""

LAYOUTS = [*_folders(), *_names(), *_tables(), *_public(), *_beside()]

NO_LABELS = {
    "a phone's days": paths("My pets/IMG_20240501_1000{n:02}.jpg", 20),
    "Samsung's": paths("20240501_1000{n:02}.jpg", 20),
    "two cameras": paths("p/IMG_{n:04}.JPG", 8) + paths("p/DSC_{n:04}.JPG", 8),
    "WhatsApp": tuple(f"chat/IMG-2024050{n % 3}-WA{n:04}.jpg" for n in range(12)),
    "WhatsApp on a computer": tuple(f"WhatsApp Image 2024-05-0{n % 3} at 10.1{n % 10}.00.jpeg" for n in range(12)),
    "Pixel": tuple(f"PXL_20240501_1000{n:02}123.MP.jpg" for n in range(6)) + tuple(f"PXL_20240501_1000{n:02}123.PORTRAIT.jpg" for n in range(6)),
    "screenshots": tuple(f"Screenshot 2024-05-0{n % 9} at 10.22.3{n % 10}.png" for n in range(12)),
    "screenshots on Android": tuple(f"Screenshot_202405{n:02}-101010_Instagram.jpg" for n in range(6)) + tuple(f"Screenshot_202405{n:02}-101010_Chrome.jpg" for n in range(6)),
    "years only": paths("{y}/IMG_{n:04}.jpg", y=["2022", "2023", "2024"]),
    "months only": paths("2024/{y}/IMG_{n:04}.jpg", y=["May", "June"]),
    "camera folders": paths("DCIM/{y}/IMG_{n:04}.JPG", y=["100APPLE", "101APPLE"]),
    "days as folders": paths("{y}/{n}.jpg", y=["2024-05-01", "2024-05-02"]),
    "hashes": tuple(f"{n * 7919:08x}{n * 104729:08x}.jpg" for n in range(2, 20)),
    "train and test without classes": paths("{y}/{n}.jpg", y=["train", "test"]),
    "numbers": paths("images/{n}.jpg", 20),
    "messengers": tuple(f"received_{n * 1234567}.jpeg" for n in range(1, 8)) + tuple(f"FB_IMG_{n * 1234567}.jpg" for n in range(1, 8)),
}  # fmt: skip
"""Photos that nothing labels: a question, and no dataset."""
