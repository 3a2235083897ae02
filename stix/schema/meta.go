package schema

// The meta objects (§7), and the bundle (§8), which is none.

// languageContent says which language it is in by the keys of contents, so it has no lang.
var languageContent = define(languageContentCommon, Shape{
	Name: "language-content", Section: "7.1",
	Properties: []Property{
		ref("object_ref", toAnyObject()).required(),
		instant("object_modified"),
		of(Contents, "contents").required(),
	},
})

var extensionDefinition = define(extensionDefinitionCommon, Shape{
	Name: "extension-definition", Section: "7.3",
	Properties: []Property{
		text("name").required(),
		text("description"),
		text("schema").required(),
		text("version").required(),
		word("extension_types", extensionType).list().required(),
		text("extension_properties").list(),
	},
})

// markingDefinition keeps what it says in an extension, or in the deprecated pair of
// properties, of which TLP 1 and statements still make use.
var markingDefinition = define(markingCommon, Shape{
	Name: "marking-definition", Section: "7.2.1", Extensions: []*Shape{acsMarking},
	Properties: []Property{
		text("name"),
		word("definition_type", markingType).deprecated(),
		of(Definition, "definition").deprecated(),
	},
	Needs: []Need{
		{Rule: "S21-7.2.1-02", Kind: AtLeastOne, Of: []string{"extensions", "definition"}},
		{Rule: "S21-7.2.1-02", Kind: AtLeastOne, Of: []string{"extensions", "definition_type"}},
	},
})

var bundle = define(bundleCommon, Shape{
	Name: "bundle", Section: "8",
	Properties: []Property{of(AnyObject, "objects").list()},
})
