"""A track that was written by hand becomes one that the template keeps up to date.

What its files say is read as answers, each with the line that it stands on; what the template
renders from them is put into its files, section by section, beside the text that is there. Nothing
here knows how the template is rendered, and nothing of a person's text is dropped.
"""
