"""Named entities: tagging them in an article's texts, and linking the mentions to stable ids.

``tagging`` needs a model (``model.load_tagger``) and spaCy; ``linking`` needs neither, only the tables in
transforms/data. Nothing is imported here, so that reading ids never loads spaCy.
"""
