package xsearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/stix"
)

// post is a post as it stands in an answer.
type post struct {
	id    uint64
	made  time.Time
	text  string
	links []link
}

// link is one of the links of a post. X puts a short one of its own into the text.
type link struct {
	Short    string `json:"url"`
	Expanded string `json:"expanded_url"`
	Unwound  string `json:"unwound_url"` // after redirects
}

// body is a text and its links. That of a long post stands in a second one, in full.
type body struct {
	Text     string `json:"text"`
	Entities struct {
		URLs []link `json:"urls"`
	} `json:"entities"`
}

// maxLinks bounds the links that are read of a post.
const maxLinks = 100

var errNumber = errors.New("id is no number of a post")

// jsonPost is what is read of a post.
type jsonPost struct {
	ID   string `json:"id"`
	Made string `json:"created_at"`
	body
	Note *body `json:"note_tweet"`
}

// readPost reads a post. One without a time was made when its number says.
func readPost(raw json.RawMessage) (post, error) {
	var in jsonPost
	if err := json.Unmarshal(raw, &in); err != nil {
		return post{}, err
	}
	id, err := strconv.ParseUint(in.ID, 10, 63)
	if err != nil || id == 0 {
		return post{}, errNumber
	}
	said := in.body
	if in.Note != nil && in.Note.Text != "" {
		said = *in.Note
	}
	p := post{id: id, text: said.Text, links: said.Entities.URLs}
	p.links = p.links[:min(len(p.links), maxLinks)]
	if p.made, err = time.Parse(time.RFC3339, in.Made); err != nil {
		p.made = timeOf(id)
	}
	return p, nil
}

// short finds the links that X puts in the place of others.
var short = regexp.MustCompile(`https?://t\.co/[A-Za-z0-9]+`)

// maxTarget bounds where a link leads, in bytes. A longer one leads nowhere.
const maxTarget = 4096

// sections are what the author wrote, and where the links lead. With inText the links stand in the
// text again, as many as are read: whoever writes the answer must not make much of little.
func (p post) sections(inText bool) []extract.Section {
	targets := map[string]string{}
	var links bytes.Buffer
	for _, l := range p.links {
		target := cmp.Or(l.Unwound, l.Expanded)
		if l.Short == "" || len(target) > maxTarget || isOwn(target) {
			continue
		}
		targets[l.Short] = target
		links.WriteString(target + "\n")
	}
	left := 0
	if inText {
		left = maxLinks
	}
	text := short.ReplaceAllStringFunc(p.text, func(link string) string {
		if left--; left < 0 || targets[link] == "" {
			return " "
		}
		return targets[link]
	})
	return []extract.Section{
		{Name: "text", Text: ingest.Whole([]byte(html.UnescapeString(text)))},
		{Name: "links", Text: links.Bytes(), Links: true},
	}
}

// own are the hosts of X, which pictures and other posts are on.
var own = [...]string{"", "x.com", "twitter.com", "t.co", "twimg.com"}

func isOwn(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(own[:], func(name string) bool {
		return host == name || name != "" && strings.HasSuffix(host, "."+name)
	})
}

// post emits the objects of a post, none if nothing is found in it. The text, the author and
// pictures are not kept: the reference leads to them, as long as the author lets it.
func (c *collector) post(
	ctx context.Context, b *collectors.Builder, p post, emit func(stix.Object) error,
) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	id := strconv.FormatUint(p.id, 10)
	if p.made.After(b.Now()) {
		p.made = b.Now()
	}
	made, err := ingest.Make(b, ingest.Compose("", p.made, p.sections(c.settings.Links)...), ingest.Options{
		Key: id, Name: "Post " + id + " on X", Labels: c.feed.STIX.Labels,
		Published:    p.made.UTC(),
		KeepReserved: c.settings.KeepReserved,
		Reference: collectors.Reference{
			SourceName: c.feed.Name, URL: "https://x.com/i/web/status/" + id, ExternalID: id,
		},
	})
	if err != nil {
		c.tools.Skip(fmt.Sprintf("post %s", id), err)
		return nil
	}
	for _, o := range made.Objects {
		if err := emit(o); err != nil {
			return err
		}
	}
	return nil
}
