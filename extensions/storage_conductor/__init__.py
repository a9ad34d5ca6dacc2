"""Thinking behind storage component tracks; its room `for_copier` alone knows of Copier.

Data flows one way: answers, project documents and catalog become a typed track model, templates
render it, and checks read back what was written. Modules import each other relatively, so that two
versions of the package can live in one process during `copier update`.
"""
