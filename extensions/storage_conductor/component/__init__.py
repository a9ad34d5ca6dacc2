"""The typed model of one storage component, from which templates print.

Answers, documents and catalog meet here: `component` says what is built, `conventions` how the work
is done, `links` where the documents say so, `plan_inputs` what the plan needs. `track` puts them
together. Nothing here reads or writes a file of a project.
"""
