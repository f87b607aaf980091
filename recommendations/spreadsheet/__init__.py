"""Spreadsheets of editors: out to be edited, and in again as one act that is shown before it is done."""
