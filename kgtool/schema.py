"""The ontology as plain data, generated from ontology/kgtool.ttl by `python -m kgtool.schemagen`."""

# fmt: off
# ruff: noqa: E501, N815

Column = tuple[str, str, str, bool]
"""Name, datatype, the RDF term that is asserted, whether there may be several."""

VERSION = "0.1.0"

PREFIXES: dict[str, str] = {
    "cso": "http://cso.kmi.open.ac.uk/schema/cso#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "fair4ml": "https://w3id.org/fair4ml#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "kg": "https://w3id.org/kgtool/ontology#",
    "mls": "http://www.w3.org/ns/mls#",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

NODES: dict[str, tuple[str, tuple[Column, ...]]] = {
    "Paper": ("schema:ScholarlyArticle", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("title", "xsd:string", "dcterms:title", False),
        ("abstract", "xsd:string", "dcterms:abstract", False),
        ("url", "xsd:anyURI", "schema:url", False),
        ("arxivId", "xsd:string", "kg:arxivId", False),
        ("doi", "xsd:string", "kg:doi", False),
        ("published", "xsd:date", "dcterms:issued", False),
        ("venue", "xsd:string", "kg:venue", False),
        ("category", "xsd:string", "kg:category", False),
        ("codeUrl", "xsd:anyURI", "kg:codeUrl", False),
        ("comment", "xsd:string", "kg:comment", False),
        ("tldr", "rdf:langString", "kg:tldr", False),
        ("motivation", "rdf:langString", "kg:motivation", False),
        ("method", "rdf:langString", "kg:method", False),
        ("result", "rdf:langString", "kg:result", False),
        ("conclusion", "rdf:langString", "kg:conclusion", False),
    )),
    "Author": ("foaf:Person", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("name", "xsd:string", "foaf:name", False),
    )),
    "Method": ("skos:Concept", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("name", "xsd:string", "skos:prefLabel", False),
        ("aliases", "xsd:string", "skos:altLabel", True),
        ("papers", "xsd:integer", "kg:papers", False),
        ("specificity", "xsd:double", "kg:specificity", False),
    )),
    "Dataset": ("schema:Dataset", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("name", "xsd:string", "skos:prefLabel", False),
        ("aliases", "xsd:string", "skos:altLabel", True),
        ("papers", "xsd:integer", "kg:papers", False),
        ("specificity", "xsd:double", "kg:specificity", False),
    )),
    "Task": ("skos:Concept", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("name", "xsd:string", "skos:prefLabel", False),
        ("aliases", "xsd:string", "skos:altLabel", True),
        ("papers", "xsd:integer", "kg:papers", False),
        ("specificity", "xsd:double", "kg:specificity", False),
    )),
    "Category": ("skos:Concept", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("name", "xsd:string", "skos:prefLabel", False),
    )),
    "Digest": ("schema:Collection", (
        ("id", "xsd:string", "dcterms:identifier", False),
        ("name", "xsd:string", "dcterms:title", False),
        ("published", "xsd:date", "dcterms:issued", False),
    )),
}

Names = tuple[str, ...]
Edge = tuple[str, Names, Names, tuple[tuple[str, str], ...], tuple[Column, ...], bool, str | None]
"""Type, domain, range, pairs of labels, columns, whether it is read out of a text, the inverse term."""

EDGES: dict[str, Edge] = {
    "wrote": (
        "WROTE",
        ("Author",),
        ("Paper",),
        (("Author", "Paper"),),
        (
            ("position", "xsd:integer", "kg:position", False),
        ),
        False, "dcterms:creator",
    ),
    "inCategory": (
        "IN_CATEGORY",
        ("Paper",),
        ("Category",),
        (("Paper", "Category"),),
        (
        ),
        False, None,
    ),
    "listedIn": (
        "LISTED_IN",
        ("Paper",),
        ("Digest",),
        (("Paper", "Digest"),),
        (
            ("rank", "xsd:integer", "kg:rank", False),
        ),
        False, None,
    ),
    "introduces": (
        "INTRODUCES",
        ("Paper",),
        ("Method", "Dataset"),
        (("Paper", "Method"), ("Paper", "Dataset")),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "uses": (
        "USES",
        ("Paper",),
        ("Method",),
        (("Paper", "Method"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "comparesWith": (
        "COMPARES_WITH",
        ("Paper",),
        ("Method",),
        (("Paper", "Method"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "evaluatesOn": (
        "EVALUATES_ON",
        ("Paper",),
        ("Dataset",),
        (("Paper", "Dataset"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "trainsOn": (
        "TRAINS_ON",
        ("Paper",),
        ("Dataset",),
        (("Paper", "Dataset"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "addresses": (
        "ADDRESSES",
        ("Paper",),
        ("Task",),
        (("Paper", "Task"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "mentions": (
        "MENTIONS",
        ("Paper",),
        ("Method", "Dataset", "Task"),
        (("Paper", "Method"), ("Paper", "Dataset"), ("Paper", "Task")),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
            ("role", "xsd:string", "kg:role", False),
        ),
        True, None,
    ),
    "usedFor": (
        "USED_FOR",
        ("Method", "Dataset", "Task"),
        ("Method", "Dataset", "Task"),
        (("Method", "Method"), ("Method", "Dataset"), ("Method", "Task"), ("Dataset", "Method"), ("Dataset", "Dataset"), ("Dataset", "Task"), ("Task", "Method"), ("Task", "Dataset"), ("Task", "Task")),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "partOf": (
        "PART_OF",
        ("Method",),
        ("Method",),
        (("Method", "Method"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "subClassOf": (
        "SUB_CLASS_OF",
        ("Method",),
        ("Method",),
        (("Method", "Method"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "subTaskOf": (
        "SUB_TASK_OF",
        ("Task",),
        ("Task",),
        (("Task", "Task"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "benchmarkFor": (
        "BENCHMARK_FOR",
        ("Dataset",),
        ("Task",),
        (("Dataset", "Task"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "trainedWith": (
        "TRAINED_WITH",
        ("Method",),
        ("Dataset",),
        (("Method", "Dataset"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "evaluatedWith": (
        "EVALUATED_WITH",
        ("Method",),
        ("Dataset",),
        (("Method", "Dataset"),),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
    "comparedTo": (
        "COMPARED_TO",
        ("Method", "Dataset", "Task"),
        ("Method", "Dataset", "Task"),
        (("Method", "Method"), ("Dataset", "Dataset"), ("Task", "Task")),
        (
            ("paper", "kg:Paper", "prov:wasDerivedFrom", False),
            ("sentence", "xsd:string", "kg:sentence", False),
            ("charStart", "xsd:integer", "kg:charStart", False),
            ("charEnd", "xsd:integer", "kg:charEnd", False),
            ("confidence", "xsd:decimal", "kg:confidence", False),
            ("extractor", "prov:Activity", "prov:wasGeneratedBy", False),
        ),
        True, None,
    ),
}

ROLES: dict[str, str] = {
    "introduces": "introduces",
    "uses": "uses",
    "compares-with": "comparesWith",
    "evaluates-on": "evaluatesOn",
    "trains-on": "trainsOn",
    "addresses": "addresses",
    "mentions": "mentions",
}

RELATION_NAMES: dict[str, str] = {
    "Used-For": "usedFor",
    "Part-Of": "partOf",
    "SubClass-Of": "subClassOf",
    "SubTask-Of": "subTaskOf",
    "Benchmark-For": "benchmarkFor",
    "Trained-With": "trainedWith",
    "Evaluated-With": "evaluatedWith",
    "Compare-With": "comparedTo",
}


class KG:
    """The terms of the ontology, closed: any other raises AttributeError."""

    Author = "https://w3id.org/kgtool/ontology#Author"
    Category = "https://w3id.org/kgtool/ontology#Category"
    Dataset = "https://w3id.org/kgtool/ontology#Dataset"
    Digest = "https://w3id.org/kgtool/ontology#Digest"
    Entity = "https://w3id.org/kgtool/ontology#Entity"
    ExtractedProperty = "https://w3id.org/kgtool/ontology#ExtractedProperty"
    Method = "https://w3id.org/kgtool/ontology#Method"
    Paper = "https://w3id.org/kgtool/ontology#Paper"
    Statement = "https://w3id.org/kgtool/ontology#Statement"
    Task = "https://w3id.org/kgtool/ontology#Task"
    abstract = "https://w3id.org/kgtool/ontology#abstract"
    addresses = "https://w3id.org/kgtool/ontology#addresses"
    aliases = "https://w3id.org/kgtool/ontology#aliases"
    annotatedAs = "https://w3id.org/kgtool/ontology#annotatedAs"
    arxivId = "https://w3id.org/kgtool/ontology#arxivId"
    assertedAs = "https://w3id.org/kgtool/ontology#assertedAs"
    assertedBeside = "https://w3id.org/kgtool/ontology#assertedBeside"
    assertedInverse = "https://w3id.org/kgtool/ontology#assertedInverse"
    benchmarkFor = "https://w3id.org/kgtool/ontology#benchmarkFor"
    category = "https://w3id.org/kgtool/ontology#category"
    charEnd = "https://w3id.org/kgtool/ontology#charEnd"
    charStart = "https://w3id.org/kgtool/ontology#charStart"
    codeUrl = "https://w3id.org/kgtool/ontology#codeUrl"
    columns = "https://w3id.org/kgtool/ontology#columns"
    comment = "https://w3id.org/kgtool/ontology#comment"
    comparedTo = "https://w3id.org/kgtool/ontology#comparedTo"
    comparesWith = "https://w3id.org/kgtool/ontology#comparesWith"
    conclusion = "https://w3id.org/kgtool/ontology#conclusion"
    confidence = "https://w3id.org/kgtool/ontology#confidence"
    doi = "https://w3id.org/kgtool/ontology#doi"
    evaluatedWith = "https://w3id.org/kgtool/ontology#evaluatedWith"
    evaluatesOn = "https://w3id.org/kgtool/ontology#evaluatesOn"
    extractor = "https://w3id.org/kgtool/ontology#extractor"
    id = "https://w3id.org/kgtool/ontology#id"
    inCategory = "https://w3id.org/kgtool/ontology#inCategory"
    introduces = "https://w3id.org/kgtool/ontology#introduces"
    labels = "https://w3id.org/kgtool/ontology#labels"
    listedIn = "https://w3id.org/kgtool/ontology#listedIn"
    mentions = "https://w3id.org/kgtool/ontology#mentions"
    method = "https://w3id.org/kgtool/ontology#method"
    motivation = "https://w3id.org/kgtool/ontology#motivation"
    name = "https://w3id.org/kgtool/ontology#name"
    namedBy = "https://w3id.org/kgtool/ontology#namedBy"
    paper = "https://w3id.org/kgtool/ontology#paper"
    papers = "https://w3id.org/kgtool/ontology#papers"
    partOf = "https://w3id.org/kgtool/ontology#partOf"
    position = "https://w3id.org/kgtool/ontology#position"
    published = "https://w3id.org/kgtool/ontology#published"
    rank = "https://w3id.org/kgtool/ontology#rank"
    relationships = "https://w3id.org/kgtool/ontology#relationships"
    result = "https://w3id.org/kgtool/ontology#result"
    role = "https://w3id.org/kgtool/ontology#role"
    sameType = "https://w3id.org/kgtool/ontology#sameType"
    sentence = "https://w3id.org/kgtool/ontology#sentence"
    specificity = "https://w3id.org/kgtool/ontology#specificity"
    strength = "https://w3id.org/kgtool/ontology#strength"
    subClassOf = "https://w3id.org/kgtool/ontology#subClassOf"
    subTaskOf = "https://w3id.org/kgtool/ontology#subTaskOf"
    title = "https://w3id.org/kgtool/ontology#title"
    tldr = "https://w3id.org/kgtool/ontology#tldr"
    trainedWith = "https://w3id.org/kgtool/ontology#trainedWith"
    trainsOn = "https://w3id.org/kgtool/ontology#trainsOn"
    url = "https://w3id.org/kgtool/ontology#url"
    usedFor = "https://w3id.org/kgtool/ontology#usedFor"
    uses = "https://w3id.org/kgtool/ontology#uses"
    venue = "https://w3id.org/kgtool/ontology#venue"
    wrote = "https://w3id.org/kgtool/ontology#wrote"
