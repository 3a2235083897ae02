package extract

import (
	"bytes"
	"strings"

	"github.com/cabstand/cabstand/collectors/observable"
)

// name decides whether a name with dots is of a host or of a file, and reports whether it is of
// a host. Defanging settles it: nobody defangs files.
func (s *scanner) name(start, end int, port uint16, a allowed) bool {
	text := string(s.out[start:end])
	if s.isDefanged(start, end) {
		return a.host && s.domain(start, end, port)
	}
	labels := strings.Count(text, ".") + 1
	extension := strings.ToLower(text[strings.LastIndexByte(text, '.')+1:])
	switch {
	case a.path || isExtension(extension) && !isAlsoSuffix(extension):
		return a.file && s.file(start, end, extension)
	case isAlsoSuffix(extension) && labels == 2 && port == 0:
		return a.file && s.file(start, end, extension)
	}
	if !a.host || isCode(text) || end < len(s.out) && s.out[end] == '(' {
		return false
	}
	return s.domain(start, end, port)
}

func (s *scanner) domain(start, end int, port uint16) bool {
	name, ok := hostName(string(s.out[start:end]))
	if ok {
		s.found(observable.Observable{Kind: observable.Domain, Value: name}, start, end, port)
	}
	return ok
}

// file finds the name of a file. It reports false, because it found no host.
func (s *scanner) file(start, end int, extension string) bool {
	stem := s.out[start : start+bytes.LastIndexByte(s.out[start:end], '.')]
	named := bytes.ContainsFunc(stem, func(r rune) bool { return r > 0x7f || isAlnum(byte(r)) })
	if named && (isExtension(extension) || extension == "com") && !isLibrary(string(stem), extension) {
		s.read(observable.FileName, start, end)
	}
	return false
}

// isExtension reports whether files of a kind run, or carry what runs, or are left behind for
// the victim to read. Data, pictures and source code are no evidence.
func isExtension(ext string) bool {
	switch ext {
	case "exe", "dll", "sys", "scr", "cpl", "ocx", "drv", "msi", "msix", "msp", "bat", "cmd",
		"ps1", "psm1", "psd1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "lnk", "inf",
		"reg", "chm", "doc", "docx", "docm", "dot", "dotm", "xls", "xlsx", "xlsm", "xlsb", "xlam",
		"xll", "ppt", "pptx", "pptm", "ppam", "rtf", "pdf", "one", "zip", "rar", "7z", "gz", "tgz",
		"bz2", "xz", "tar", "cab", "iso", "img", "vhd", "vhdx", "jar", "war", "apk", "ipa", "dmg",
		"pkg", "deb", "rpm", "elf", "so", "ko", "bin", "dat", "tmp", "sh", "py", "pyc", "pl",
		"php", "asp", "aspx", "ashx", "jsp", "jspx", "txt", "htm", "html", "eml", "msg", "swf":
		return true
	}
	return false
}

// isAlsoSuffix reports whether an extension is a suffix of domains too. Then a name of two parts
// is a file's.
func isAlsoSuffix(ext string) bool {
	switch ext {
	case "zip", "sh", "py", "pl", "so", "cab", "one", "dot", "rs", "md", "mk", "mov", "app":
		return true
	}
	return false
}

// isLibrary reports whether a name is of a product that is called like a file.
func isLibrary(stem, ext string) bool {
	if ext != "js" {
		return false
	}
	switch strings.ToLower(stem) {
	case "node", "vue", "react", "next", "nuxt", "angular", "express", "ember", "backbone", "d3",
		"three", "chart", "moment", "discord", "ethers", "web3", "alpine", "nest", "electron":
		return true
	}
	return false
}

// isCode reports whether a name is rather a word of a program, a product, or the end of one
// sentence and the beginning of the next without a blank between.
func isCode(text string) bool {
	first, rest, _ := strings.Cut(text, ".")
	last := text[strings.LastIndexByte(text, '.')+1:]
	if rest == last && isUpper(last[0]) && last[1:] == strings.ToLower(last[1:]) {
		return true // ended.It
	}
	if last == strings.ToUpper(last) && first != strings.ToUpper(first) {
		return true // Socket.IO
	}
	switch strings.ToLower(first) {
	case "asp", "ado", "vb", "ml":
		return strings.EqualFold(rest, "net")
	case "self", "this", "obj", "object", "item", "window", "document", "os", "sys", "event",
		"user", "file", "host", "process", "source", "destination", "agent", "math":
		return isAttribute(last)
	case "com", "org", "net", "io", "java", "javax":
		return strings.Contains(rest, ".") // a package, whose name begins with the suffix
	}
	return false
}

// isAttribute reports whether a suffix is rather a word that follows the name of an object.
func isAttribute(suffix string) bool {
	switch suffix {
	case "name", "id", "is", "it", "in", "to", "at", "do", "as", "my", "me", "now", "link",
		"click", "host", "domains", "email", "total":
		return true
	}
	return false
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
