"""The rules of validation, one module per kind of question.

Enter the arguments of a question, leave findings; nothing is raised here. The surprise: a rule runs
on arguments of any type, so that one call tells everything that is wrong at once.
"""
