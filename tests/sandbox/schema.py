"""Checks answers against the schemas inside the WSDL."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from oxherd.sandbox.contract import service
from oxherd.sandbox.wsdl import wsdl

XS = "http://www.w3.org/2001/XMLSchema"


@cache
def answer_schema(name: str) -> etree.XMLSchema:
    """The schemas of the WSDL import each other by namespace alone, so each becomes a file that the others name."""
    root = etree.fromstring(wsdl(name, "http://unused.invalid/"))
    schemas = root.findall(f".//{{{XS}}}schema")
    files = {schema.get("targetNamespace"): f"{number}.xsd" for number, schema in enumerate(schemas)}
    with TemporaryDirectory() as folder:
        for schema in schemas:
            for known in schema.findall(f"{{{XS}}}import"):
                known.set("schemaLocation", files[known.get("namespace")])
            text = etree.tostring(schema)
            Path(folder, files[schema.get("targetNamespace")]).write_bytes(text)
        return etree.XMLSchema(file=str(Path(folder, files[service(name).namespace])))
