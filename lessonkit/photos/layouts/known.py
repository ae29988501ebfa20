"""Names of animals and of breeds of cats and dogs: which of two levels of folders, or of two readings, tells breeds.

The breeds are those of the Oxford-IIIT Pet and the Stanford Dogs datasets, and cats' of the GCCF and the TICA lists.
"""

from __future__ import annotations

from collections.abc import Iterable

from lessonkit.photos.layouts.words import key, tokens

_SPECIES = frozenset(
    ["cat", "cats", "dog", "dogs", "bird", "birds", "fish", "horse", "horses", "rabbit", "rabbits", "bunny", "hamster", "hamsters", "cow", "cows", "sheep", "pig", "pigs", "goat", "goats", "chicken", "duck", "ducks", "turtle", "snake", "lizard", "parrot", "ferret", "mouse", "rat", "elephant", "lion", "tiger", "bear", "wolf", "wolves", "fox", "foxes", "panda", "zebra", "monkey", "butterfly", "spider", "squirrel", "deer", "frog", "leopard", "cheetah", "wild", "hund", "hunde", "katze", "katzen", "vogel", "pferd", "hase", "chat", "chats", "chien", "chiens", "oiseau", "cheval", "lapin", "gato", "gatos", "perro", "perros", "pajaro", "caballo", "conejo", "cane", "cani", "gatto", "gatti", "uccello", "cavallo", "coniglio", "cachorro", "cachorros", "passaro", "pies", "psy", "kot", "koty", "kon", "pes", "psi", "kocka", "kocky", "hond", "honden", "kat", "katten", "kissa", "koira", "katt", "hundar", "собака", "собаки", "кошка", "кошки", "кот", "птица", "лошадь", "犬", "猫", "狗", "鸟", "鳥", "马", "馬", "兔", "고양이", "개", "σκύλος", "γάτα", "כלב", "חתול", "كلب", "قطة", "گربه", "سگ", "貓", "鳥", "고양이", "пёс", "коты", "قط", "قطط", "كلاب", "แมว", "หมา", "สุนัข", "köpek", "kedi", "kuş", "kočka", "kůň", "źrebię", "ネコ", "イヌ", "ねこ", "いぬ", "柴犬", "柯基", "哈士奇", "mèo", "chó"]
)  # fmt: skip
_BREEDS = frozenset(key(name) for name in """
Abyssinian|American bulldog|American pit bull terrier|Basset hound|Beagle|Bengal|Birman|Bombay|Boxer|British shorthair|
Chihuahua|Egyptian mau|English cocker spaniel|English setter|German shorthaired|Great Pyrenees|Havanese|Japanese chin|
Keeshond|Leonberger|Maine coon|Miniature pinscher|Newfoundland|Persian|Pomeranian|Pug|Ragdoll|Russian blue|Saint bernard|
Samoyed|Scottish terrier|Shiba inu|Siamese|Sphynx|Staffordshire bull terrier|Wheaten terrier|Yorkshire terrier|
Japanese spaniel|Maltese dog|Maltese|Pekinese|Pekingese|Shih-Tzu|Blenheim spaniel|Papillon|Toy terrier|Rhodesian ridgeback|
Afghan hound|Basset|Bloodhound|Bluetick|Black-and-tan coonhound|Walker hound|English foxhound|Redbone|Borzoi|
Irish wolfhound|Italian greyhound|Greyhound|Whippet|Ibizan hound|Norwegian elkhound|Otterhound|Saluki|Scottish deerhound|
Weimaraner|Staffordshire bullterrier|American Staffordshire terrier|Bedlington terrier|Border terrier|Kerry blue terrier|
Irish terrier|Norfolk terrier|Norwich terrier|Wire-haired fox terrier|Fox terrier|Lakeland terrier|Sealyham terrier|
Airedale|Cairn|Australian terrier|Dandie Dinmont|Boston bull|Boston terrier|Miniature schnauzer|Giant schnauzer|
Standard schnauzer|Schnauzer|Scotch terrier|Tibetan terrier|Silky terrier|Soft-coated wheaten terrier|
West Highland white terrier|Westie|Lhasa|Lhasa apso|Flat-coated retriever|Curly-coated retriever|Golden retriever|
Labrador retriever|Labrador|Chesapeake Bay retriever|German short-haired pointer|Vizsla|Irish setter|Gordon setter|
Brittany spaniel|Clumber|English springer|Springer spaniel|Welsh springer spaniel|Cocker spaniel|Sussex spaniel|
Irish water spaniel|Kuvasz|Schipperke|Groenendael|Malinois|Briard|Kelpie|Komondor|Old English sheepdog|Shetland sheepdog|
Sheltie|Collie|Border collie|Bouvier des Flandres|Rottweiler|German shepherd|Alsatian|Doberman|Dobermann|
Greater Swiss Mountain dog|Bernese mountain dog|Appenzeller|EntleBucher|Bull mastiff|Bullmastiff|Mastiff|Tibetan mastiff|
French bulldog|English bulldog|Bulldog|Great Dane|Eskimo dog|Malamute|Alaskan malamute|Siberian husky|Husky|Affenpinscher|
Basenji|Pyrenees|Chow|Chow chow|Brabancon griffon|Pembroke|Cardigan|Corgi|Toy poodle|Miniature poodle|Standard poodle|
Poodle|Mexican hairless|Dingo|Dhole|African hunting dog|Dachshund|Dalmatian|Akita|Shar pei|Cavalier King Charles spaniel|
Jack Russell terrier|Jack Russell|Bichon frise|Australian shepherd|Cockapoo|Labradoodle|Goldendoodle|Mixed breed|
Norwegian forest|Norwegian forest cat|American shorthair|Exotic shorthair|Scottish fold|Devon rex|Cornish rex|Burmese|
Tonkinese|Turkish angora|Turkish van|Manx|Ocicat|Munchkin|Somali|Balinese|Chartreux|Himalayan|Korat|Savannah|
Domestic short hair|Domestic shorthair|Domestic long hair|Tabby|Calico|Tuxedo|Tortoiseshell|Selkirk rex|Siberian
""".replace("\n", "").split("|"))  # fmt: skip


def is_breed(name: str) -> bool:
    """Whether the name is that of a breed of cats or dogs, in English; a plural's s, and what numbers it, do not count."""
    plain = key(" ".join(tokens(name)))
    return plain in _BREEDS or plain.removesuffix("s") in _BREEDS


def is_species(name: str) -> bool:
    """Whether the name is that of a kind of animal, in one of some languages."""
    return key(name) in _SPECIES or any(word in _SPECIES for word in tokens(name))


def known(names: Iterable[str]) -> float:
    """Which part of the names is known as breeds or animals, 0 to 1."""
    found = [is_breed(name) or is_species(name) for name in names]
    return sum(found) / len(found) if found else 0.0


def breeds(names: Iterable[str]) -> float:
    """Which part of the names is known as breeds, 0 to 1."""
    found = [is_breed(name) for name in names]
    return sum(found) / len(found) if found else 0.0
