package schema

// The cyber-observable objects (§6), in the order of the standard.

var artifact = define(observableCommon, Shape{
	Name: "artifact", Section: "6.1",
	Properties: []Property{
		of(MIMEType, "mime_type"),
		of(Binary, "payload_bin"),
		of(URL, "url"),
		hashes("hashes"),
		word("encryption_algorithm", encryptionAlgorithm),
		text("decryption_key"),
	},
	Needs: []Need{
		{Rule: "S21-6.1-01", Kind: ExactlyOne, Of: []string{"payload_bin", "url"}},
		{Rule: "S21-6.1-02", Kind: Requires, If: "url", Of: []string{"hashes"}},
		{Rule: "S21-6.1-03", Kind: Requires, If: "decryption_key",
			Of: []string{"encryption_algorithm"}},
	},
})

var autonomousSystem = define(observableCommon, Shape{
	Name: "autonomous-system", Section: "6.2",
	Properties: []Property{
		integer("number").required(),
		text("name"),
		text("rir"),
	},
})

var directory = define(observableCommon, Shape{
	Name: "directory", Section: "6.3",
	Properties: []Property{
		text("path").required(),
		of(Charset, "path_enc"),
		instant("ctime"),
		instant("mtime"),
		instant("atime"),
		ref("contains_refs", toTypes("file", "directory")).list(),
	},
})

// domainName and the addresses keep their references to what they resolve to: only an aside in
// §9.7 calls them deprecated, and it recommends them for patterns.
var domainName = define(observableCommon, Shape{
	Name: "domain-name", Section: "6.4",
	Properties: []Property{
		of(DomainName, "value").required(),
		ref("resolves_to_refs", toTypes("ipv4-addr", "ipv6-addr", "domain-name")).list(),
	},
})

var emailAddr = define(observableCommon, Shape{
	Name: "email-addr", Section: "6.5",
	Properties: []Property{
		of(EmailAddr, "value").required(),
		text("display_name"),
		ref("belongs_to_ref", toTypes("user-account")),
	},
})

var emailMessage = define(observableCommon, Shape{
	Name: "email-message", Section: "6.6",
	Properties: []Property{
		flag("is_multipart").required(),
		instant("date"),
		text("content_type"),
		ref("from_ref", toTypes("email-addr")),
		ref("sender_ref", toTypes("email-addr")),
		ref("to_refs", toTypes("email-addr")).list(),
		ref("cc_refs", toTypes("email-addr")).list(),
		ref("bcc_refs", toTypes("email-addr")).list(),
		text("message_id"),
		text("subject"),
		text("received_lines").list(),
		of(Headers, "additional_header_fields"),
		text("body"),
		object("body_multipart", emailMIMEPart).list(),
		ref("raw_email_ref", toTypes("artifact")),
	},
	Needs: []Need{
		{Rule: "S21-6.6-01", Kind: Excludes, If: "is_multipart", Is: "true",
			Of: []string{"body"}},
		{Rule: "S21-6.6-02", Kind: Excludes, If: "is_multipart", Is: "false",
			Of: []string{"body_multipart"}},
	},
})

// emailMIMEPart may have both bodies: the text says that one must be included, and not, as
// elsewhere, that the other must not.
var emailMIMEPart = define(nil, Shape{
	Name: "email-mime-part-type", Section: "6.6.2",
	Properties: []Property{
		text("body"),
		ref("body_raw_ref", toTypes("artifact", "file")),
		text("content_type"),
		text("content_disposition"),
	},
	Needs: []Need{
		{Rule: "S21-6.6.2-01", Kind: AtLeastOne, Of: []string{"body", "body_raw_ref"}},
	},
})

var file = define(observableCommon, Shape{
	Name: "file", Section: "6.7",
	Properties: []Property{
		hashes("hashes"),
		integer("size").notNegative(),
		text("name"),
		of(Charset, "name_enc"),
		hex("magic_number_hex"),
		of(MIMEType, "mime_type"),
		instant("ctime"),
		instant("mtime"),
		instant("atime"),
		ref("parent_directory_ref", toTypes("directory")),
		ref("contains_refs", toObservables()).list(),
		ref("content_ref", toTypes("artifact")),
	},
	Needs: []Need{
		{Rule: "S21-6.7-01", Kind: AtLeastOne, Of: []string{"hashes", "name"}},
		{Rule: "S21-6.7-02", Kind: Requires, If: "name_enc", Of: []string{"name"}},
	},
	Extensions: []*Shape{archiveExt, ntfsExt, pdfExt, rasterImageExt, windowsPEBinaryExt},
})

var ipv4Addr = define(observableCommon, Shape{
	Name: "ipv4-addr", Section: "6.8",
	Properties: []Property{
		of(IPv4, "value").required(),
		ref("resolves_to_refs", toTypes("mac-addr")).list(),
		ref("belongs_to_refs", toTypes("autonomous-system")).list(),
	},
})

var ipv6Addr = define(observableCommon, Shape{
	Name: "ipv6-addr", Section: "6.9",
	Properties: []Property{
		of(IPv6, "value").required(),
		ref("resolves_to_refs", toTypes("mac-addr")).list(),
		ref("belongs_to_refs", toTypes("autonomous-system")).list(),
	},
})

var macAddr = define(observableCommon, Shape{
	Name: "mac-addr", Section: "6.10",
	Properties: []Property{of(MAC, "value").required()},
})

var mutex = define(observableCommon, Shape{
	Name: "mutex", Section: "6.11",
	Properties: []Property{text("name").required()},
})

// networkTraffic may count zero bytes and packets, though the text calls the counts positive:
// a direction in which nothing was sent is an observation too.
var networkTraffic = define(observableCommon, Shape{
	Name: "network-traffic", Section: "6.12",
	Properties: []Property{
		instant("start"),
		instant("end"),
		flag("is_active"),
		ref("src_ref", toTypes("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")),
		ref("dst_ref", toTypes("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")),
		integer("src_port").within(0, 65535),
		integer("dst_port").within(0, 65535),
		text("protocols").list().required(),
		integer("src_byte_count").notNegative(),
		integer("dst_byte_count").notNegative(),
		integer("src_packets").notNegative(),
		integer("dst_packets").notNegative(),
		of(Scalars, "ipfix"),
		ref("src_payload_ref", toTypes("artifact")),
		ref("dst_payload_ref", toTypes("artifact")),
		ref("encapsulates_refs", toTypes("network-traffic")).list(),
		ref("encapsulated_by_ref", toTypes("network-traffic")),
	},
	Needs: []Need{
		{Rule: "S21-6.12-01", Kind: AtLeastOne, Of: []string{"src_ref", "dst_ref"}},
		{Rule: "S21-6.12-02", Kind: Excludes, If: "is_active", Is: "true", Of: []string{"end"}},
	},
	Orders:     []Order{{Rule: "S21-6.12-03", Earlier: "start", Later: "end"}},
	Extensions: []*Shape{httpRequestExt, icmpExt, socketExt, tcpExt},
})

// process may be told by an extension alone.
var process = define(observableCommon, Shape{
	Name: "process", Section: "6.13",
	Properties: []Property{
		flag("is_hidden"),
		integer("pid"),
		instant("created_time"),
		text("cwd"),
		text("command_line"),
		of(Strings, "environment_variables"),
		ref("opened_connection_refs", toTypes("network-traffic")).list(),
		ref("creator_user_ref", toTypes("user-account")),
		ref("image_ref", toTypes("file")),
		ref("parent_ref", toTypes("process")),
		ref("child_refs", toTypes("process")).list(),
	},
	Needs:      []Need{{Rule: "S21-6.13-01", Kind: AnyOwn, Of: []string{"extensions"}}},
	Extensions: []*Shape{windowsProcessExt, windowsServiceExt},
})

var software = define(observableCommon, Shape{
	Name: "software", Section: "6.14",
	Properties: []Property{
		text("name").required(),
		of(CPE, "cpe"),
		text("swid"),
		of(Language, "languages").list(),
		text("vendor"),
		text("version"),
	},
})

var url = define(observableCommon, Shape{
	Name: "url", Section: "6.15",
	Properties: []Property{of(URL, "value").required()},
})

// userAccount may be told by an extension alone: its table of own properties lists them.
var userAccount = define(observableCommon, Shape{
	Name: "user-account", Section: "6.16",
	Properties: []Property{
		text("user_id"),
		text("credential"),
		text("account_login"),
		word("account_type", accountType),
		text("display_name"),
		flag("is_service_account"),
		flag("is_privileged"),
		flag("can_escalate_privs"),
		flag("is_disabled"),
		instant("account_created"),
		instant("account_expires"),
		instant("credential_last_changed"),
		instant("account_first_login"),
		instant("account_last_login"),
	},
	Needs:      []Need{{Rule: "S21-6.16-01", Kind: AnyOwn, Of: []string{"extensions"}}},
	Extensions: []*Shape{unixAccountExt},
})

var windowsRegistryKey = define(observableCommon, Shape{
	Name: "windows-registry-key", Section: "6.17",
	Properties: []Property{
		of(RegistryKey, "key"),
		object("values", windowsRegistryValue).list(),
		instant("modified_time"),
		ref("creator_user_ref", toTypes("user-account")),
		integer("number_of_subkeys"),
	},
	Needs: []Need{{Rule: "S21-6.17-01", Kind: AnyOwn}},
})

var windowsRegistryValue = define(nil, Shape{
	Name: "windows-registry-value-type", Section: "6.17.2",
	Properties: []Property{
		text("name"),
		text("data"),
		word("data_type", windowsRegistryDatatype),
	},
	Needs: []Need{{Rule: "S21-6.17.2-01", Kind: AnyOwn}},
})

var x509Certificate = define(observableCommon, Shape{
	Name: "x509-certificate", Section: "6.18",
	Properties: []Property{
		flag("is_self_signed"),
		hashes("hashes"),
		text("version"),
		text("serial_number"),
		text("signature_algorithm"),
		text("issuer"),
		instant("validity_not_before"),
		instant("validity_not_after"),
		text("subject"),
		text("subject_public_key_algorithm"),
		text("subject_public_key_modulus"),
		integer("subject_public_key_exponent"),
		object("x509_v3_extensions", x509V3Extensions),
	},
	Needs: []Need{{Rule: "S21-6.18-01", Kind: AnyOwn}},
})

var x509V3Extensions = define(nil, Shape{
	Name: "x509-v3-extensions-type", Section: "6.18.2",
	Properties: []Property{
		text("basic_constraints"),
		text("name_constraints"),
		text("policy_constraints"),
		text("key_usage"),
		text("extended_key_usage"),
		text("subject_key_identifier"),
		text("authority_key_identifier"),
		text("subject_alternative_name"),
		text("issuer_alternative_name"),
		text("subject_directory_attributes"),
		text("crl_distribution_points"),
		text("inhibit_any_policy"),
		instant("private_key_usage_period_not_before"),
		instant("private_key_usage_period_not_after"),
		text("certificate_policies"),
		text("policy_mappings"),
	},
	Needs: []Need{{Rule: "S21-6.18.2-01", Kind: AnyOwn}},
})
