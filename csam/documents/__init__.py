"""The two PDF documents: collecting the data, rendering, publishing."""
