package pdftext

// page is a page, with what it has of the nodes above it.
type page struct {
	contents  any
	resources any
}

// pages returns the pages in their order (§7.7.3), or, where there is no tree of them, in the order of
// the file.
func (f *file) pages() []page {
	root := f.dict(f.trailer["Root"])
	if root == nil { // a file that has lost its end
		for _, catalogue := range f.ofType("Catalog") {
			root = catalogue
		}
	}
	w := walk{file: f, seen: map[ref]bool{}}
	w.node(root["Pages"], nil, 0)
	if len(w.pages) > 0 {
		return w.pages
	}
	for _, d := range f.ofType("Page") {
		w.leaf(d, f.inherited(d))
	}
	return w.pages
}

// ofType returns the dictionaries of a type, in the order of the file.
func (f *file) ofType(typ name) (all []dict) {
	for _, number := range f.numbers() {
		if d := f.dict(number); f.name(d["Type"]) == typ {
			all = append(all, d)
		}
	}
	return all
}

// inherited returns the resources of the nearest node above a page that has some.
func (f *file) inherited(d dict) any {
	for range maxDepth {
		d = f.dict(d["Parent"])
		if own := d["Resources"]; own != nil {
			return own
		}
	}
	return nil
}

// walk goes through the tree of pages.
type walk struct {
	file  *file
	seen  map[ref]bool
	pages []page
}

// node goes through a node and those below it, each once.
func (w *walk) node(v, resources any, depth int) {
	at, ok := v.(ref)
	if !ok || w.seen[at] {
		return
	}
	if depth > maxDepth {
		w.file.cut = true
		return
	}
	w.seen[at] = true
	d := w.file.dict(at)
	if own := d["Resources"]; own != nil {
		resources = own
	}
	kids := w.file.array(d["Kids"])
	if kids == nil && d["Contents"] != nil {
		w.leaf(d, resources)
		return
	}
	for _, kid := range kids {
		w.node(kid, resources, depth+1)
	}
}

func (w *walk) leaf(d dict, resources any) {
	if len(w.pages) == maxPages {
		w.file.cut = true
		return
	}
	if own := d["Resources"]; own != nil {
		resources = own
	}
	w.pages = append(w.pages, page{d["Contents"], resources})
}

// content returns what draws a page: a stream, or several of which each ends a word.
func (f *file) content(v any) []byte {
	list, ok := f.resolve(v).([]any)
	if !ok {
		return f.stream(v)
	}
	var all []byte
	for _, one := range list {
		data := f.stream(one)
		if len(all)+len(data) > maxStream {
			f.cut = true
			break
		}
		all = append(append(all, data...), '\n')
	}
	return all
}
