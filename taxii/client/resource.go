package client

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/taxii"
)

// The resources as servers really send them. What TAXII requires may be absent or null here,
// and numbers may be strings; whatever cannot be read counts as absent.

type anyRoot struct {
	Title            text     `json:"title"`
	Description      text     `json:"description"`
	Versions         textList `json:"versions"`
	MaxContentLength number   `json:"max_content_length"`
	// Discovery has these instead.
	Contact  text     `json:"contact"`
	Default  text     `json:"default"`
	APIRoots textList `json:"api_roots"`
}

// isRoot tells an API root from discovery, which may both consist of a title alone; only an
// API root requires versions and max_content_length (§4.2.1).
func (r anyRoot) isRoot() bool { return r.Versions != nil || r.MaxContentLength != 0 }

func (r anyRoot) root() taxii.APIRoot {
	return taxii.APIRoot{
		Title:            string(r.Title),
		Description:      string(r.Description),
		Versions:         r.Versions,
		MaxContentLength: max(int64(r.MaxContentLength), 0),
	}
}

type anyCollections struct {
	Collections []anyCollection `json:"collections"`
}

type anyCollection struct {
	ID          text     `json:"id"`
	Title       text     `json:"title"`
	Description text     `json:"description"`
	Alias       text     `json:"alias"`
	CanRead     *bool    `json:"can_read"`
	CanWrite    *bool    `json:"can_write"`
	MediaTypes  textList `json:"media_types"`
}

// collection reads rights that are null or absent as granted: the request itself will tell.
func (c anyCollection) collection() taxii.Collection {
	return taxii.Collection{
		ID:          string(c.ID),
		Title:       string(c.Title),
		Description: string(c.Description),
		Alias:       string(c.Alias),
		CanRead:     c.CanRead == nil || *c.CanRead,
		CanWrite:    c.CanWrite == nil || *c.CanWrite,
		MediaTypes:  c.MediaTypes,
	}
}

type anyManifest struct {
	Objects []struct {
		ID        text `json:"id"`
		DateAdded text `json:"date_added"`
		Version   text `json:"version"`
		MediaType text `json:"media_type"`
	} `json:"objects"`
}

type anyVersions struct {
	Versions textList `json:"versions"`
}

type anyStatus struct {
	ID           text        `json:"id"`
	Status       text        `json:"status"`
	TotalCount   number      `json:"total_count"`
	SuccessCount number      `json:"success_count"`
	FailureCount number      `json:"failure_count"`
	PendingCount number      `json:"pending_count"`
	Successes    []anyDetail `json:"successes"`
	Failures     []anyDetail `json:"failures"`
	Pendings     []anyDetail `json:"pendings"`
}

type anyDetail struct {
	ID      text `json:"id"`
	Version text `json:"version"`
	Message text `json:"message"`
}

func (d anyDetail) detail() taxii.StatusDetail {
	return taxii.StatusDetail{
		ID: string(d.ID), Version: string(d.Version), Message: string(d.Message),
	}
}

// text is a string; of a number or a boolean it takes the spelling.
type text string

func (t *text) UnmarshalJSON(value []byte) error {
	switch value[0] {
	case '"':
		return json.Unmarshal(value, (*string)(t))
	case 'n', '{', '[':
		*t = ""
	default:
		*t = text(value)
	}
	return nil
}

// textList is a list of strings; one string alone is a list of one.
type textList []string

func (l *textList) UnmarshalJSON(value []byte) error {
	var elements []text
	if value[0] != '[' {
		var one text
		err := json.Unmarshal(value, &one)
		if one != "" {
			*l = textList{string(one)}
		}
		return err
	}
	if err := json.Unmarshal(value, &elements); err != nil {
		return err
	}
	*l = make(textList, 0, len(elements))
	for _, element := range elements {
		*l = append(*l, string(element))
	}
	return nil
}

// number is a whole number, also as a string or with a fraction of zero; 0 if it is none.
type number int64

func (n *number) UnmarshalJSON(value []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(value), `" `), 64)
	const exact = 1 << 53
	if err == nil && -exact <= f && f <= exact {
		*n = number(f)
	}
	return nil
}
