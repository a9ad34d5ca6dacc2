"""The schema that was last written as migrations, and the step from it to the model.

Parts of tables are compared, and what differs becomes statements in the form that is safe for
tables with rows; the forms are the catalog's. Nothing here knows of migration tools or of tracks.
"""
