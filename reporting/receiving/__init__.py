"""The ways in: DICOM storage, STOW-RS, a watched folder, and pull from a PACS; all of them end in one inbox.

inbox.py keeps an object safely before it is acknowledged, and imports it afterwards; the others bring objects to it.
"""
