package collectors

// ListNames are names of warninglists, or one of the words all and none alone. A file writes a
// single one without brackets, too.
type ListNames []string

// noLists is what the empty list means: it would be lost where nil stands for all.
const noLists = "none"

// none reports whether no list is named.
func (n ListNames) none() bool {
	return len(n) == 0 || len(n) == 1 && n[0] == noLists
}

// UnmarshalYAML reads a word or a list of words.
func (n *ListNames) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*n = ListNames{one}
		return nil
	}
	var several []string
	if err := unmarshal(&several); err != nil {
		return err
	}
	if len(several) == 0 {
		several = []string{noLists}
	}
	*n = several
	return nil
}
