package access

import "strings"

// Writers returns the names of the users who may push into a collection and those of their
// certificates, without what says which name of a certificate it is. It is empty for a collection
// that is not there.
func (d *Directory) Writers(collection string) []string {
	c, err := d.FindCollection(collection)
	if err != nil {
		return nil
	}
	var names []string
	for _, u := range d.Users() {
		if !(caller{user: u}).may(c.Write) {
			continue
		}
		names = append(names, u.Name)
		for _, name := range u.Certificates {
			_, name, _ = strings.Cut(name, ":")
			names = append(names, name)
		}
	}
	return names
}
