package admin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// fault is what is wrong with one record of a declaration. Only whoever has read the file
// knows its line, so that the key goes back to it.
type fault struct {
	Key     string `json:"key"` // such as feeds[0].policy
	Message string `json:"message"`
	err     error
}

// declaredFaults are faults; they count as the errors that they come from.
type declaredFaults []fault

func (fs declaredFaults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Message
	}
	return strings.Join(lines, "\n")
}

func (fs declaredFaults) Unwrap() []error {
	var all []error
	for _, f := range fs {
		if f.err != nil {
			all = append(all, f.err)
		}
	}
	return all
}

// declared makes faults of what is wrong with the i-th record of a list. Errors that are
// several become one fault each, and those of settings name their key.
func declared(list string, i int, err error) declaredFaults {
	if err == nil {
		return nil
	}
	// An error may also wrap two to make one sentence of them; that is one fault.
	several, ok := err.(interface{ Unwrap() []error })
	if ok && errors.Join(several.Unwrap()...).Error() == err.Error() {
		var all declaredFaults
		for _, one := range several.Unwrap() {
			all = append(all, declared(list, i, one)...)
		}
		return all
	}
	key := fmt.Sprintf("%s[%d]", list, i)
	var setting *collectors.SettingError
	if errors.As(err, &setting) {
		key += "." + setting.Path
	}
	return declaredFaults{{key, err.Error(), err}}
}
