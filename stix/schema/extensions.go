package schema

// The predefined extensions of observables (§3.10), and the types that they embed.

var archiveExt = define(nil, Shape{
	Name: "archive-ext", Section: "6.7.2",
	Properties: []Property{
		ref("contains_refs", toTypes("file", "directory")).list().required(),
		text("comment"),
	},
})

var ntfsExt = define(nil, Shape{
	Name: "ntfs-ext", Section: "6.7.3",
	Properties: []Property{
		text("sid"),
		object("alternate_data_streams", alternateDataStream).list(),
	},
	Needs: []Need{{Rule: "S21-6.7.3-01", Kind: AnyOwn}},
})

var alternateDataStream = define(nil, Shape{
	Name: "alternate-data-stream-type", Section: "6.7.3",
	Properties: []Property{
		text("name").required(),
		hashes("hashes"),
		integer("size").notNegative(),
	},
})

var pdfExt = define(nil, Shape{
	Name: "pdf-ext", Section: "6.7.4",
	Properties: []Property{
		text("version"),
		flag("is_optimized"),
		of(Strings, "document_info_dict"),
		text("pdfid0"),
		text("pdfid1"),
	},
	Needs: []Need{{Rule: "S21-6.7.4-01", Kind: AnyOwn}},
})

var rasterImageExt = define(nil, Shape{
	Name: "raster-image-ext", Section: "6.7.5",
	Properties: []Property{
		integer("image_height"),
		integer("image_width"),
		integer("bits_per_pixel"),
		of(Scalars, "exif_tags"),
	},
	Needs: []Need{{Rule: "S21-6.7.5-01", Kind: AnyOwn}},
})

// windowsPEBinaryExt must say more than pe_type.
var windowsPEBinaryExt = define(nil, Shape{
	Name: "windows-pebinary-ext", Section: "6.7.6",
	Properties: []Property{
		word("pe_type", windowsPEBinaryType).required(),
		text("imphash"),
		hex("machine_hex"),
		integer("number_of_sections").notNegative(),
		of(Seconds, "time_date_stamp"),
		hex("pointer_to_symbol_table_hex"),
		integer("number_of_symbols").notNegative(),
		integer("size_of_optional_header").notNegative(),
		hex("characteristics_hex"),
		hashes("file_header_hashes"),
		object("optional_header", windowsPEOptionalHeader),
		object("sections", windowsPESection).list(),
	},
	Needs: []Need{{Rule: "S21-6.7.6-01", Kind: AtLeastOne, Of: []string{
		"imphash", "machine_hex", "number_of_sections", "time_date_stamp",
		"pointer_to_symbol_table_hex", "number_of_symbols", "size_of_optional_header",
		"characteristics_hex", "file_header_hashes", "optional_header", "sections",
	}}},
})

var windowsPEOptionalHeader = define(nil, Shape{
	Name: "windows-pe-optional-header-type", Section: "6.7.6",
	Properties: []Property{
		hex("magic_hex"),
		integer("major_linker_version"),
		integer("minor_linker_version"),
		integer("size_of_code").notNegative(),
		integer("size_of_initialized_data").notNegative(),
		integer("size_of_uninitialized_data").notNegative(),
		integer("address_of_entry_point"),
		integer("base_of_code"),
		integer("base_of_data"),
		integer("image_base"),
		integer("section_alignment"),
		integer("file_alignment"),
		integer("major_os_version"),
		integer("minor_os_version"),
		integer("major_image_version"),
		integer("minor_image_version"),
		integer("major_subsystem_version"),
		integer("minor_subsystem_version"),
		hex("win32_version_value_hex"),
		integer("size_of_image").notNegative(),
		integer("size_of_headers").notNegative(),
		hex("checksum_hex"),
		hex("subsystem_hex"),
		hex("dll_characteristics_hex"),
		integer("size_of_stack_reserve").notNegative(),
		integer("size_of_stack_commit").notNegative(),
		integer("size_of_heap_reserve").notNegative(),
		integer("size_of_heap_commit").notNegative(),
		hex("loader_flags_hex"),
		integer("number_of_rva_and_sizes"),
		hashes("hashes"),
	},
	Needs: []Need{{Rule: "S21-6.7.6-02", Kind: AnyOwn}},
})

// windowsPESection leaves entropy unbounded: the text tells its range and demands none.
var windowsPESection = define(nil, Shape{
	Name: "windows-pe-section-type", Section: "6.7.6",
	Properties: []Property{
		text("name").required(),
		integer("size").notNegative(),
		of(Float, "entropy"),
		hashes("hashes"),
	},
})

var httpRequestExt = define(nil, Shape{
	Name: "http-request-ext", Section: "6.12.2",
	Properties: []Property{
		text("request_method").required(),
		text("request_value").required(),
		text("request_version"),
		of(StringLists, "request_header"),
		integer("message_body_length"),
		ref("message_body_data_ref", toTypes("artifact")),
	},
})

var icmpExt = define(nil, Shape{
	Name: "icmp-ext", Section: "6.12.3",
	Properties: []Property{
		hex("icmp_type_hex").required(),
		hex("icmp_code_hex").required(),
	},
})

var socketExt = define(nil, Shape{
	Name: "socket-ext", Section: "6.12.4",
	Properties: []Property{
		word("address_family", networkSocketAddressFamily).required(),
		flag("is_blocking"),
		flag("is_listening"),
		of(Integers, "options"),
		word("socket_type", networkSocketType),
		integer("socket_descriptor").notNegative(),
		integer("socket_handle"),
	},
})

var tcpExt = define(nil, Shape{
	Name: "tcp-ext", Section: "6.12.5",
	Properties: []Property{
		hex("src_flags_hex"),
		hex("dst_flags_hex"),
	},
	Needs: []Need{{Rule: "S21-6.12.5-01", Kind: AnyOwn}},
})

var windowsProcessExt = define(nil, Shape{
	Name: "windows-process-ext", Section: "6.13.2",
	Properties: []Property{
		flag("aslr_enabled"),
		flag("dep_enabled"),
		text("priority"),
		text("owner_sid"),
		text("window_title"),
		of(Dictionary, "startup_info"),
		word("integrity_level", windowsIntegrityLevel),
	},
	Needs: []Need{{Rule: "S21-6.13.2-01", Kind: AnyOwn}},
})

var windowsServiceExt = define(nil, Shape{
	Name: "windows-service-ext", Section: "6.13.3",
	Properties: []Property{
		text("service_name"),
		text("descriptions").list(),
		text("display_name"),
		text("group_name"),
		word("start_type", windowsServiceStartType),
		ref("service_dll_refs", toTypes("file")).list(),
		word("service_type", windowsServiceType),
		word("service_status", windowsServiceStatus),
	},
	Needs: []Need{{Rule: "S21-6.13.3-01", Kind: AnyOwn}},
})

var unixAccountExt = define(nil, Shape{
	Name: "unix-account-ext", Section: "6.16.2",
	Properties: []Property{
		integer("gid"),
		text("groups").list(),
		text("home_dir"),
		text("shell"),
	},
	Needs: []Need{{Rule: "S21-6.16.2-01", Kind: AnyOwn}},
})
