package mirror

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cabstand/cabstand/taxii/client"
)

// saved is the state file: how far the poll is, and of what.
type saved struct {
	Collection string       `json:"collection"` // its URL
	Match      client.Match `json:"match"`
	Poll       client.State `json:"poll"`
	Offset     int64        `json:"offset,omitempty"` // bytes of File that are accounted for
}

// load reads the state file. A target that was filled from elsewhere, or with another
// selection, is an error: going on would leave a mix that is in step with nothing.
// fresh says that nothing was kept before.
func (m *Mirror) load() (s saved, fresh bool, err error) {
	want := saved{Collection: m.collection.URL(), Match: m.opts.Match}
	if m.opts.StateFile == "" {
		return want, true, nil
	}
	path := m.opts.StateFile
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return want, true, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("read the state of the mirror: %w; if the file %s is damaged, remove "+
			"it to read everything again", err, path)
	case s.Collection != want.Collection:
		err = fmt.Errorf("%s belongs to a mirror of %s, not of %s; choose another target, or "+
			"remove the file to start over", path, s.Collection, want.Collection)
	case !sameMatch(s.Match, want.Match):
		err = fmt.Errorf("%s belongs to a mirror with other filters; choose another target, or "+
			"remove the file to start over", path)
	}
	return s, false, err
}

// sameMatch compares filters as the state file writes them, where none is like an empty list.
func sameMatch(a, b client.Match) bool {
	textA, errA := json.Marshal(a)
	textB, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(textA, textB)
}

// save replaces the state file.
func (m *Mirror) save(state client.State) error {
	if m.opts.StateFile == "" {
		return nil
	}
	text, err := json.MarshalIndent(saved{
		Collection: m.collection.URL(),
		Match:      m.opts.Match,
		Poll:       state,
		Offset:     m.sink.offset(),
	}, "", "  ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(m.opts.StateFile)
	if err := replaceFile(dir, m.opts.StateFile, append(text, '\n')); err != nil {
		return err
	}
	return syncDir(dir)
}
