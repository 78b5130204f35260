"""A run, or two side by side, as a document: blocks of words, tables and pictures, written as HTML or as a notebook."""
