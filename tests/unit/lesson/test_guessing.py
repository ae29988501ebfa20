"""The quiz asks ten photos that are held out, with wrong answers that look like the right one, other ones each round."""

from __future__ import annotations

from lessonkit.lesson import guessing

BREEDS = sorted({breed for kind in guessing.KINDS for breed in kind})
OF = {f"{breed}_{k}.jpg": breed for breed in BREEDS for k in range(20)}
HELD_OUT = [name for name in OF if int(name.rpartition("_")[2].split(".")[0]) < 4]


def test_oxfords_37_breeds_each_have_look_alikes():
    assert len(BREEDS) == 37


def test_the_wrong_answers_are_the_breeds_that_people_find_alike():
    for number in range(1, 15):
        for question in guessing.questions(OF, HELD_OUT, number=number):
            assert len({*question.choices}) == guessing.CHOICES
            assert question.breed in question.choices
            wrong = set(question.choices) - {question.breed}
            kin = set().union(*(kind for kind in guessing.KINDS if question.breed in kind)) - {question.breed}
            assert wrong <= kin or kin <= wrong


def test_a_model_says_which_breeds_are_alike_and_never_a_dog_of_a_cat():
    likeness = {"pug": {"samoyed": 0.5, "Bombay": 0.9, "keeshond": 0.4, "beagle": 0.3, "boxer": 0.1}}
    asked = [q for n in range(1, 15) for q in guessing.questions(OF, HELD_OUT, number=n, likeness=likeness)]
    pugs = [q for q in asked if q.breed == "pug"]
    assert pugs
    assert all({*q.choices} == {"pug", "samoyed", "keeshond", "beagle"} for q in pugs)


def test_each_round_brings_other_photos_all_held_out_until_none_is_left():
    rounds = [guessing.questions(OF, HELD_OUT, number=n) for n in range(1, 15)]
    photos = [q.photo for one in rounds for q in one]
    assert len(photos) == 140
    assert len(set(photos)) == 140
    assert set(photos) <= set(HELD_OUT)
    for one in rounds[:10]:
        assert len({q.breed for q in one}) == guessing.PHOTOS


def test_the_same_round_is_the_same_for_all_and_another_dataset_has_another():
    first = guessing.questions(OF, HELD_OUT, seed="a", number=2)
    assert guessing.questions(OF, HELD_OUT, seed="a", number=2) == first
    assert guessing.questions(OF, HELD_OUT, seed="b", number=2) != first


def test_few_photos_few_breeds_and_wrong_labels():
    few = {f"{k}.jpg": "cat" if k % 2 else "dog" for k in range(12)}
    asked = guessing.questions(few, ["1.jpg", "2.jpg"], leave_out=["3.jpg", "1.jpg"])
    assert len({q.photo for q in asked}) == guessing.PHOTOS
    assert not {"1.jpg", "3.jpg"} & {q.photo for q in asked}
    assert "2.jpg" in {q.photo for q in asked}
    assert all(sorted(q.choices) == ["cat", "dog"] for q in asked)
    assert len(guessing.questions({"a.jpg": "cat", "b.jpg": "dog"}, ["a.jpg"])) == guessing.PHOTOS
    assert guessing.questions({}, []) == []


def test_of_the_pairs_to_guess_from_one_was_confused_most_and_no_other_as_often():
    breeds = ["Birman", "Ragdoll", "Siamese", "Persian", "pug", "boxer", "beagle"]
    confused = {("Birman", "Ragdoll"): 3, ("boxer", "pug"): 3, ("Persian", "Siamese"): 1}
    found = guessing.pairs(breeds, confused, "seed")
    assert len(found) == len(set(found)) == guessing.PAIRS
    assert [confused.get(pair, 0) for pair in found].count(3) == 1
    assert ("Birman", "Ragdoll") in found
    assert found == guessing.pairs(breeds, confused, "seed")
    places = {guessing.pairs(breeds, confused, str(k)).index(("Birman", "Ragdoll")) for k in range(40)}
    assert places == set(range(guessing.PAIRS)), "its place tells which one it is"
    assert guessing.pairs(breeds, {}) == []
    assert guessing.pairs(["a", "b"], {("a", "b"): 1}) == [("a", "b")]


def test_the_hard_pair_is_the_one_most_alike_of_one_species_and_no_photo_that_is_asked():
    def breeds(likeness=None) -> set[str]:
        pair = guessing.look_alikes(OF, HELD_OUT, likeness=likeness)
        assert pair is not None
        assert not set(pair) & set(HELD_OUT)
        return {OF[photo] for photo in pair}

    assert breeds() == {"Birman", "Ragdoll"}
    alike = {"beagle": {"Bombay": 0.9, "boxer": 0.2, "pug": 0.4}, "pug": {"beagle": 0.4}}
    assert breeds(alike) == {"beagle", "pug"}, "a model goes first; a dog beside a cat is no hard pair"
    seeded = [guessing.look_alikes(OF, HELD_OUT, seed=str(k)) for k in range(9)]
    assert len({OF[photos[0]] for photos in seeded if photos}) == 2, "either may come first"


def test_the_hard_pair_of_anybodys_photos():
    few = {"1.jpg": "tulip", "2.jpg": "rose", "3.jpg": "aster", "4.jpg": "rose"}
    assert sorted(guessing.look_alikes(few, ["2.jpg"]) or ()) == ["3.jpg", "4.jpg"]
    assert sorted(guessing.look_alikes(few, few) or ()) in (["2.jpg", "3.jpg"], ["3.jpg", "4.jpg"]), "all are asked"
    assert guessing.look_alikes({"1.jpg": "rose", "2.jpg": "rose"}, []) is None
    assert guessing.look_alikes(few, [], leave_out=["3.jpg", "1.jpg"]) is None
