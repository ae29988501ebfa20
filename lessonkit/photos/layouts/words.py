"""What names of folders and files mean when they are no breeds: halves, containers, days, cameras, masks, bins.

Names are compared by `key`: case, accents' composition, separators and blanks do not count. The lists hold names that
public datasets, cameras, photo services and file servers give; `photos.layouts` has no other knowledge of the world.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from lessonkit.language import translatable


def word_set(*lines: str) -> frozenset[str]:
    """The words of some lines, with blanks between them."""
    return frozenset(" ".join(lines).split())


# The keywords of Hugging Face's imagefolder (datasets/data_files.py), and those of other tools and languages.
_SPLITS = {
    "train": word_set(
        "train training trainval trainset trainingset traindata trainingdata trainimages trn",
        "entrenamiento treino treinamento entrainement entraînement apprentissage addestramento trening træning träning",
        "treningowe trenink eğitim egitim обучение обучающая тренировка тренировочная навчання تدريب 训练 训练集 訓練 訓練集",
        "学習 学習用 学習データ 훈련 훈련용 학습 학습용",
    ),
    "valid": word_set(
        "validation valid dev val validate validationset validset valset devset validierung validacion",
        "validación validação validacao validazione validatie validering walidacja walidacyjne doğrulama",
        "валидация валидационная проверка تحقق 验证 验证集 驗證 驗證集 検証 検証用 검증 검증용",
    ),
    "test": word_set(
        "test testing eval evaluation tests testset testdata testimages tst holdout heldout prueba pruebas teste",
        "testowe testen тест тестовая тестовый испытание اختبار 测试 测试集 測試 測試集 テスト テスト用 評価 評価用 테스트 평가",
        "privatetest publictest pred predict prediction predictions inference unseen",
    ),
}
_SPLIT_OF = {word: split for split, words in _SPLITS.items() for word in words}

# What says nothing beside another word: my_test_data, train-images.
_FILLERS = word_set(
    "set sets image images img imgs photo photos picture pictures pic pics data dataset datasets folder folders file",
    "files my the of and new all raw original final full jpg jpeg png dir directory augmented augmentation",
)

_SET_ASIDE = word_set(
    "rejected rejects discarded discard todelete delete corrupt corrupted duplicates excluded exclude ignore ignored backup",
    "backups tmp temp broken unused",
)

_UNLABELLED = word_set(
    "unlabeled unlabelled unlabel unlabeleddata unlabelleddata unsup unsupervised unsorted unknown unclassified",
    "uncategorized uncategorised unannotated unidentified unassigned nolabel nolabels notlabeled notlabelled tolabel",
    "tosort todo unbekannt unsortiert desconocido inconnu noclass nichtzugeordnet ohnelabel sansétiquette nonclassé nontrié",
    "sinclasificar sinetiqueta sinetiquetar semrótulo nonetichettati неразмеченные неизвестно неразобранное 未分類 未分类 未标注",
    "未整理 不明 미분류 미지정 etiketsiz",
)

_UNNAMED_ALBUMS = word_set(
    "untitled archive archiv archives archivo archivio arquivo ohnetitel sanstitre sintítulo sintitulo senzatitolo semtítulo",
    "lockedfolder failedvideos hangout beznazwy безназвания архив",
)
_MANY_KINDS = word_set(
    "misc miscellaneous various random assorted verschiedenes sonstiges diverses divers varios varie vários разное その他 其他",
    "其它 기타",
)

_CONTAINERS = word_set(
    "image images img imgs photo photos foto fotos picture pictures pic pics bilder bild imagenes imagens immagini",
    "zdjecia obrazky fotografie fotografias фото фотографии 写真 图片 照片 사진 data dataset datasets raw rgb jpg jpgs jpeg",
    "jpegs jpegimages png pngs bmp bmps tif tifs tiff webp files file all allimages allphotos upload uploads media content root src source full",
    "original originals orig takeout googlephotos assets export exports output input default classification cropped",
    "crops resized aligned hq hires highres main database db archive album albums folder unzipped extracted pets mypets animals",
    "animal pet tiere haustiere animaux mascotas",
)

# What a project keeps beside its data.
_OF_A_PROJECT = word_set(
    "doc docs documentation figure figures figs fig plot plots chart charts graph graphs diagram diagrams result results",
    "report reports paper slides presentation presentations readme notebook notebooks static public web website screenshot",
    "screenshots log logs runs run model models weights checkpoints demo demos github utils src scripts code example examples",
    "sample samples solution solutions",
)

_MONTHS = word_set(
    "january february march april may june july august september october november december",
    "jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz marz mai juni juli oktober dezember",
    "janvier février fevrier mars avril juin juillet août aout septembre octobre novembre décembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre",
    "janeiro fevereiro março junho julho setembro outubro dezembro",
)
_DAYS = word_set(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miercoles jueves viernes sabado domingo today yesterday",
)
_SEASONS = word_set(
    "spring summer autumn fall winter easter christmas holidays vacation weekend fruhling frühling sommer herbst weihnachten",
    "ostern urlaub ferien printemps été ete automne hiver noël noel vacances primavera verano otoño otono invierno navidad",
    "vacaciones estate autunno inverno natale vacanze verão outono férias wiosna lato jesień zima wakacje",
)
_DATE_FILLERS = word_set(
    "photos photo fotos foto pictures bilder images from of in von vom aus de du del da dal the week day month year q kw",
    "woche tag monat and to am at",
)

_PARTS = word_set(
    "split part batch fold chunk shard set session shoot roll vol volume disc disk group folder newfolder dir page slice",
    "subset take run round series images img image photos data album upload untitledfolder block section teil partie",
    "parte lot bag sheet device camera cam phone",
)

_APPS = word_set(
    "dcim camera cameraroll screenshots screenshot whatsapp whatsappimages whatsappimage instagram snapchat telegram",
    "telegramimages messenger facebook savedpictures viber signal wechat weixin download downloads bluetooth recents",
    "favorites favourites bursts selfies livephotos posts yourposts stories profilepictures coverphotos timelinephotos",
    "mobileuploads photosandvideos taggedphotos",
)
_DCF = re.compile(r"\d{3}[A-Z_][A-Z0-9_]{2,5}", re.IGNORECASE)  # 100CANON, 101APPLE: the camera makers' DCF rule

# How a photo was taken or changed. Beside another level of folders these are no breeds.
_CIRCUMSTANCES = word_set(
    "indoor indoors outdoor outdoors inside outside front back side left right top bottom day night morning evening noon",
    "home garden park yard beach street house near far close closeup young old adult adults puppy puppies kitten kittens",
    "baby babies male female males females good bad big small large medium best worst sleeping playing eating sitting",
    "standing walking running flash noflash hd sd edited augmented aug augmentation flip flipped mirrored rotated rot copy",
    "clean noisy blurry sharp dark bright sunny cloudy color colour gray grey bw grayscale greyscale rgb segmented easy hard normal extra more misc other",
    "others keep reject selected face faces body head portrait landscape profile frontal labeled labelled web print final",
    "new positive negative real synthetic generated rear side interior exterior lab field studio nature natural wild captive",
)

_BINS = {
    "#recycle", "$recycle.bin", "recycler", "recycled", ".trash", ".trashes", "trash", "trashbox", "@recycle", "deleted",
    "recently deleted", "recycle bin", "papierkorb", "corbeille", "papelera", "cestino", "gelöscht", "zuletzt gelöscht",
    "network trash folder", "bin",
}  # fmt: skip
_THUMBNAILS = {
    "@eadir", ".thumbnails", ".thumbs", "thumbs", "thumb", "thumbnail", "thumbnails", "_thumbs", "_thumb", ".thumb",
    ".@__thumb", ".tmb", "preview", "previews", "mini", "minis", "microthumbnails",
}  # fmt: skip
_PROGRAMS = {
    "lost+found", "system volume information", "__macosx", "cache", "caches", "node_modules", "__pycache__",
    "@recently-snapshot", "#snapshot", "@sharebin", "@tmp", "temporary items",
}  # fmt: skip

_VERSIONS = word_set(
    "original originals augmented augmentation raw processed preprocessed enhanced resized cropped synthetic"
)

_WASTE = word_set(
    "glass metal paper plastic cardboard organic compost textile clothes battery garbage waste recyclable can cans"
)

_MASKS = word_set(
    "mask masks msk msks trimap trimaps annotation annotations annot annots segmentation segmentations seg segs",
    "segmentationclass segmentationobject groundtruth groundtruths gt depth depths depthmap depthmaps contours saliency",
    "heatmap heatmaps bbox bboxes boundingboxes silhouettes matte mattes instancemasks keypoints overlays overlay",
    "panoptic semantic masque masques maske masken",
)
# Names of folders that may hold a second version of photos which lie elsewhere, told by the files' names.
_MAYBE_COPIES = word_set(
    "label labels small resized web lowres low gray grayscale greyscale bw edges instances visualization visualizations",
    "vis debug processed preprocessed edited original originals large medium mobile segmented",
)

# Before a photo's number: what cameras, phones and apps write. None of these is anybody's pet.
_CAMERAS = word_set(
    "img imgs image images dsc dscn dscf dscpdc pxl wa imgwa vid mvimg pano burst pict pics picture pictures photo photos",
    "foto fotos bild screenshot screenshots screencapture bildschirmfoto capturedecran captura capturadepantalla",
    "snimekobrazovky zrzutekranu schermafbeelding schermata screenshotat screenshotfrom snapchat fbimg received",
    "pexels pixabay unsplash shutterstock istock istockphoto gettyimages depositphotos dreamstime adobestock alamy freepik",
    "stockphoto oip dalle midjourney kakaotalk linealbum whatsapp whatsappimage imagefromios gopr cimg hpim imgp winpro fullsizerender rpreplay lrmexport messengercreation",
    "geminigeneratedimage copilot inshot vsco chatgptimage fireflyimage grokimage rcnx imag mdgc stcam sunp tlcam",
    "pxlnight pxlportrait mp mg untitled unnamed index download downloads frame file mmexport wxcamera dji gp gh dcim",
    "снимокэкрана фото изображение スクリーンショット 屏幕截图 屏幕快照 微信图片 截屏 截图 스크린샷 写真 图片",
)
# The same where nothing else stands beside it: words that may be a name too (Sam), or are about photos as such.
_VAGUE = word_set(
    "p b s v x n rf pic pb sam scan scanned document generated gemini item object sample samples resized crop cropped copy copyof kopie edited beautyplus",
    "faceapp inshot polish collage snapseed line signal telegram video story post status unknown unlabeled default tmp",
    "temp new ios android iphone camera cam webcam capture night portrait hdr raw cover top orig original at um vom am pm",
    "and front back left right side aug augmented flip mask seg jpg jpeg png id no number data dataset test train val valid",
    "validation eval evaluation dev training testing privatetest publictest private public thumb object obraz kuva bilde",
    "billede afbeelding immagine imagen imagem shot screen large small medium full final copies photoroom",
)
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{6,}|[0-9a-f]{8}(-[0-9a-f]{4}){1,3}(-[0-9a-f]{12})?|[0-9a-f]{32}", re.IGNORECASE)
_COUNT = re.compile(
    r"(?i)(?<=\w)[\s_,-]*[-_,\s(\[]\s*\d[\d.,]*[ _]?(photos?|images?|pics?|pictures?|imgs?|fotos?|bilder|files|items|фото)[)\]]?$"
    r"|(?<=\w)\s*[(\[]\d+[)\]]$"
)
_COPY_BEFORE = re.compile(r"(?i)^(copy|kopie|copie|copia|kopia|cópia|копия)( (of|von|de|di))?[ _-]+(?=\S)")
_COPY_BEHIND = re.compile(
    r"(?i)([ _-]+(aug|augmented))?([ _-]+(copy|kopie|copie|copia|kopia|cópia|копия|コピー|副本))?(\s*\(\d{1,2}\))?$"
)
_COUNTED = re.compile(r"(?i)\d[ _]?(photos?|images?|pics?|pictures?|imgs?|fotos?|bilder|files|items|фото)[)\]]?$")
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_DATE = re.compile(
    r"(19|20)\d\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?(0[1-9]|[12]\d|3[01]))?)?"
    r"|(0?[1-9]|[12]\d|3[01])[-_. ](0?[1-9]|1[0-2])[-_. ]((19|20)?\d\d)"
)
_DATE_IN = r"(?<!\d)(19|20)\d\d[-_. ](0[1-9]|1[0-2])[-_. ](0[1-9]|[12]\d|3[01])(?!\d)|(?<!\d)(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
# What Google Photos calls the album of a year, by the account's language (GooglePhotosTakeoutHelper lists them).
_ALBUM_OF_A_YEAR = re.compile(
    r"(photos from|fotos von|fotos aus|photos de|photos du|fotos de|fotos del|foto dal|foto del|foto's uit|foton från"
    r"|bilder fra|billeder fra|zdjęcia z( roku)?|fotky z( roku)?|фото за|фотографии за|写真|照片)\s*(19|20)\d\d\D{0,2}",
    re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def key(name: str) -> str:
    """The name without what two people write differently: case, blanks, separators, punctuation, composition."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M") or plain.strip()


@lru_cache(maxsize=65_536)
def tokens(name: str) -> tuple[str, ...]:
    """The name's words in small letters, numbers left out: "Train_01" -> ("train",)."""
    return tuple(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", name).casefold()))


@lru_cache(maxsize=65_536)
def split_of(name: str) -> tuple[str, str]:
    """Which half a folder's name tells, and what else: "my_test_data" -> ("test", ""), "cat-train" -> ("train", "cat").

    Returns ("", name) where the name tells no half.
    """
    name = re.sub(r"^([Tt]rain|[Tt]est|[Vv]al|[Vv]alid|[Dd]ev)(?=[A-Z])", r"\1 ", name)  # TrainCats, testA
    words = tokens(name)
    word = next((w for w in words if w in _SPLIT_OF), "")
    if not word:
        return "", name
    if all(w in _SPLIT_OF or w in _FILLERS for w in words):
        return _SPLIT_OF[word], ""
    plain = unicodedata.normalize("NFKC", name)
    left = re.sub(rf"(?i)(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])([ _.-]*(set|split)(?![^\W\d_]))?", "", plain)
    return _SPLIT_OF[word], re.sub(r"^[\W_]+|[\W_]+$", "", left)


def is_half(name: str) -> bool:
    """Whether a folder's name says outright that it is one half of a collection: kaggle_testset, pets train set."""
    return any(w in _SPLIT_OF and w.endswith(("set", "data", "images")) for w in tokens(name)) or any(
        a in _SPLIT_OF and b in ("set", "data", "images", "photos")
        for a, b in zip(tokens(name), tokens(name)[1:], strict=False)
    )


def is_set_aside(name: str) -> bool:
    """Whether somebody puts photos into a folder of this name that are not to be used."""
    return key(name) in _SET_ASIDE


def is_new_folder(name: str) -> bool:
    """Whether a file manager gave a folder this name."""
    return key(re.sub(r"\d", " ", name)) in (
        "newfolder",
        "untitledfolder",
        "neuerordner",
        "nouveaudossier",
        "nuevacarpeta",
    )


def is_unlabelled(name: str) -> bool:
    """Whether a folder of this name holds photos that nobody has labelled."""
    return key(name) in _UNLABELLED or any(word in ("unlabeled", "unlabelled") for word in tokens(name))


def is_of_a_project(name: str) -> bool:
    """Whether a folder of this name, beside one of data, holds what is written about it: docs, figures, results."""
    return key(name) in _OF_A_PROJECT


def is_container(name: str) -> bool:
    """Whether the name only says that photos are in it: images, JPEGImages, data."""
    words = tokens(name)
    return key(name) in _CONTAINERS or (
        any(word in _CONTAINERS for word in words) and all(word in _CONTAINERS | _FILLERS for word in words)
    )


def is_year(name: str) -> bool:
    """Whether the name is a day, a month or a year, in digits, or a photo service's album of a year."""
    name = name.strip()
    if _DATE.fullmatch(name) or is_album_of_a_year(name):
        return True
    return bool(_YEAR.search(name)) and all(w in _DATE_FILLERS | _MONTHS | _DAYS for w in tokens(name))


def is_album_of_a_year(name: str) -> bool:
    """Whether a photo service calls its folder of all photos of a year so: “Photos from 2023”."""
    return bool(_ALBUM_OF_A_YEAR.fullmatch(name.strip()))


def is_moment(name: str) -> bool:
    """Whether a day and more is in the name, as people and photo services call a day's photos: Berlin, 1 May 2023."""
    words = tokens(name)
    return (
        bool(_YEAR.search(name))
        and bool(re.search(r"(?<!\d)\d{1,2}(?!\d)", name))
        and (any(word in _MONTHS for word in words) or bool(re.search(_DATE_IN, name)))
    )


def is_date(name: str) -> bool:
    """As `is_year`, or in words: May, Monday, Summer 2023, week 12."""
    if is_year(name):
        return True
    words, known = tokens(name), _MONTHS | _DAYS | _SEASONS
    if not words or not all(word in known | _DATE_FILLERS for word in words):
        return False
    return any(word in known for word in words) or bool(re.search(r"\d", name) and not is_container(name))


def is_part(name: str) -> bool:
    """Whether the name numbers a part of a collection: split_1, batch 3, images_002, New folder (2)."""
    words = tokens(without_count(name) if _COUNTED.search(name) else name)
    return bool(re.search(r"\d", name)) and bool(words) and (words[-1] in _PARTS or "".join(words) in _PARTS)


def without_count(name: str) -> str:
    """A folder's name without how many photos are in it: "beagle - 120 photos" -> "beagle"."""
    return _COUNT.sub("", name).strip() or name


def uncopied(name: str) -> str:
    """A name without what a file manager adds to a copy's: "Copy of Rex", "Rex - Kopie (2)", "Rex (1)" -> "Rex"."""
    return _COPY_BEHIND.sub("", _COPY_BEFORE.sub("", name)).strip() or name


def without_number(name: str) -> str:
    """A name without the number that it ends in: "beagle2" -> "beagle"; the name itself where it ends in none."""
    return re.sub(r"[\s_.-]*\d{1,3}$", "", name) or name


def is_unnamed_album(name: str) -> bool:
    """Whether a photo service calls a folder so that no person has named: Untitled(2), Archive."""
    return key(re.sub(r"\d", "", name)) in _UNNAMED_ALBUMS


def is_of_many_kinds(name: str) -> bool:
    """Whether a folder's name says that it holds what was left over: misc, various."""
    return key(name) in _MANY_KINDS


def is_app(name: str) -> bool:
    """Whether a camera or an app makes folders of this name: DCIM, 100CANON, WhatsApp Images."""
    return key(name) in _APPS or bool(_DCF.fullmatch(name))


def is_noise(word: str) -> bool:
    """Whether a word beside a breed in a file's name tells a half, a camera or a copy: train, IMG, Copy."""
    plain = key(word)
    return (
        plain in _SPLIT_OF or plain in _CAMERAS or plain in ("copy", "kopie", "copie", "copia", "kopia", "edited", "rf")
    )


def is_circumstance(name: str) -> bool:
    """Whether the name may tell how photos were taken rather than of what."""
    words = tokens(name)
    return bool(words) and all(word in _CIRCUMSTANCES for word in words)


def tells_nothing(name: str) -> bool:
    """Whether a folder's name is that of a container, a day, a part, a camera or a half."""
    return any(tells(name) for tells in (is_container, is_date, is_part, is_app)) or split_of(name)[1] == ""


def is_version(name: str) -> bool:
    """Whether the name says that photos were changed, or were not: OriginalDataset, Augmented Images, resized_pets."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return any(word in _VERSIONS for word in tokens(plain))


def is_code(name: str) -> bool:
    """Whether the name is a letter or three with a number, as places, cameras and visits have: A01, S2, CAM03."""
    return bool(re.fullmatch(r"(?i)(?:[a-z]{1,2}|cam|site|loc|plot)?[ _-]?\d{1,4}[a-z]?", name.strip()))


def is_hash(name: str) -> bool:
    """Whether the name is a hash or an id that a program made."""
    return bool(_HASH.fullmatch(name))


def junk(name: str) -> str:
    """Why what lies in a folder of this name is left out (bins, thumbnails, what programs keep); "" for other names."""
    plain = name.strip().casefold()
    if plain in _BINS:
        return translatable("In a recycle bin.")
    if plain in _THUMBNAILS or plain.endswith((".lrdata", "_thumbs", "-thumbs", "_thumbnails")):
        return translatable("A small copy that a program made (a thumbnail).")
    if plain in _PROGRAMS or (plain.startswith((".", "@")) and len(plain) > 1):
        return translatable("In a folder that a program keeps for itself.")
    return ""


def is_thing(name: str) -> bool:
    """Whether a folder of this name may be a program's, or of photos of such a thing: trash among other waste, mini among cars."""
    return is_bin(name) or key(name) in ("mini", "preview", "thumb")


def is_bin(name: str) -> bool:
    """Whether a folder of this name may be a recycle bin, or of photos of rubbish."""
    return key(name) in ("trash", "bin") and name.strip()[:1].isalpha()


def is_waste(name: str) -> bool:
    """Whether the name is of what is thrown away."""
    return any(word in _WASTE for word in tokens(name))


def is_size(name: str) -> bool:
    """Whether the name is a size: small, medium, large."""
    return key(name) in ("small", "medium", "large", "big", "tiny", "mini", "xs", "s", "m", "l", "xl", "extralarge")


def is_mask(name: str) -> bool:
    """Whether a folder of this name holds masks or other annotations drawn over photos."""
    words = [word for word in tokens(name) if word not in _FILLERS]
    return key(name) in _MASKS or (bool(words) and all(word in _MASKS for word in words))


def masked(name: str) -> str:
    """The key of the folder whose masks a folder holds by its name: "Red Mullet GT" -> that of "Red Mullet"; else ""."""
    match = re.fullmatch(r"(.+?)[\W_]+([^\W_]+)", name)
    return key(match[1]) if match and key(match[2]) in _MASKS else ""


def may_be_copies(name: str) -> bool:
    """Whether a folder of this name may hold a second version of photos that lie elsewhere."""
    return key(name) in _MAYBE_COPIES


def is_camera(label: str, alone: bool = True) -> bool:
    """Whether a label read from a file name only tells a camera, an app or a day, or is no word.

    Args:
        alone: no other labels stand beside it that are words; then vague ones (sam, line, copy) count too.
    """
    letters = key(re.sub(r"\d", "", label))
    known = _CAMERAS | _VAGUE if alone else _CAMERAS
    if not letters or (len(letters) < 2 and letters.isascii() and alone):
        return True
    words = tokens(label)
    return (
        letters in known
        or is_hash(label)
        or is_year(label)
        or all(len(w) == 1 and w.isascii() or w in known | _MONTHS | _DAYS for w in words)
    )
