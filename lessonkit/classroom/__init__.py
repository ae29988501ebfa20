"""A class at one server: who is the teacher, who is here, what they answered, what the teacher lets them do.

All of it lies in files in the lesson's home, `class/`, so that several processes of the app share it. Pages read them through
a cache that costs a look at the files' times.
"""
