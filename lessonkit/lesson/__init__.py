"""The words of the lesson: steps, questions, glossary, verdicts, the code shown."""
