package relay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Settings declare a relay.
type Settings struct {
	Name string `json:"name" yaml:"name" validate:"required,segment,max=64"`
	// From and To are collections as ROOT/ID or ROOT/ALIAS.
	From string `json:"from" yaml:"from" validate:"required"`
	To   string `json:"to" yaml:"to" validate:"required"`
	// Identity is the creator of all that is republished.
	Identity Identity `json:"identity" yaml:"identity"`
	// KeyEnv names the environment variable, or KeyFile the file, that has the secret.
	KeyEnv  string `json:"key_env,omitempty" yaml:"key_env"`
	KeyFile string `json:"key_file,omitempty" yaml:"key_file"`

	// Review says what a person sees before it is released; "" is personal_data.
	Review Review `json:"review,omitempty" yaml:"review" validate:"omitempty,oneof=personal_data everything nothing"`
	// Scrub and Keep are as in [anonymise.Options].
	Scrub []string `json:"scrub,omitempty" yaml:"scrub"`
	Keep  []string `json:"keep,omitempty" yaml:"keep"`
	// OwnDomains are domains whose hosts are internal ones.
	OwnDomains []string `json:"own_domains,omitempty" yaml:"own_domains" validate:"dive,required,max=253"`
	// Public are collections whose objects everybody knows: references to these stay.
	Public []string `json:"public,omitempty" yaml:"public"`

	// MaxTLP is the strictest level of TLP that is republished; "" is amber.
	MaxTLP string `json:"max_tlp,omitempty" yaml:"max_tlp" validate:"omitempty,oneof=clear green amber amber+strict red"`
	// Custodian stands for the organisation in ACS markings; "" lets none pass.
	Custodian string `json:"custodian,omitempty" yaml:"custodian" validate:"max=100"`
	// Statement is the text of the marking that stands for those of submitters.
	Statement string `json:"statement,omitempty" yaml:"statement" validate:"max=2000"`
	// NameSource names the source of objects whose markings do not say whether that is allowed.
	NameSource bool `json:"name_source,omitempty" yaml:"name_source"`
	// Audience are the organisations, such as USA.USG, that the target is for. A consent to be
	// named to one of them is enough.
	Audience []string `json:"audience,omitempty" yaml:"audience" validate:"dive,required"`
	// RoundTimes cuts times of creation to a second, minute, hour or day.
	RoundTimes string `json:"round_times,omitempty" yaml:"round_times" validate:"omitempty,oneof=second minute hour day"`
	// Queue is how many objects may wait; 0 is 1,000.
	Queue int `json:"queue,omitempty" yaml:"queue" validate:"gte=0,lte=10000"`
}

// Identity is the community as a STIX identity.
type Identity struct {
	Name string `json:"name" yaml:"name" validate:"required,max=250"`
	// Class is the identity_class; "" is organization.
	Class string `json:"identity_class,omitempty" yaml:"identity_class" validate:"max=100"`
	// ID is its id; "" lets one follow from the secret.
	ID string `json:"id,omitempty" yaml:"id"`
}

// Review says what a person sees before it is released.
type Review string

// The reviews there are. Identities and objects whose markings cannot be passed on are never
// released without one.
const (
	PersonalData Review = "personal_data"
	Everything   Review = "everything"
	Nothing      Review = "nothing"
)

// defaultQueue is how many objects may wait in relays that say nothing of it.
const defaultQueue = 1000

// Validate returns what is wrong with the settings by themselves.
func (s Settings) Validate() error {
	if err := check.Struct(s); err != nil {
		return fmt.Errorf("relay %q: %w", s.Name, err)
	}
	fail := func(format string, words ...any) error {
		return fmt.Errorf("relay %q: %s", s.Name, fmt.Sprintf(format, words...))
	}
	switch {
	case strings.EqualFold(s.From, s.To):
		return fail("from and to are both %s; a relay republishes in another collection", s.From)
	case (s.KeyEnv == "") == (s.KeyFile == ""):
		return fail("name either key_env, the environment variable with the secret, or key_file")
	case s.KeyFile != "" && !filepath.IsAbs(s.KeyFile):
		return fail("key_file is %q; write the whole path, for every server looks for it", s.KeyFile)
	case s.Identity.ID != "" && (stix.CheckID(s.Identity.ID) != nil ||
		stix.TypeOfID(s.Identity.ID) != "identity"):
		return fail("identity.id is %q; it must be identity-- and a UUID", s.Identity.ID)
	}
	if _, err := s.rules(); err != nil {
		return fail("%v", err)
	}
	return nil
}

func (s Settings) rules() (*anonymise.Rules, error) {
	return anonymise.NewRules(anonymise.Options{
		Scrub: s.Scrub, Keep: s.Keep, RoundTimes: anonymise.Steps()[s.RoundTimes],
		Custodian: s.Custodian,
	})
}

func (s Settings) queue() int {
	if s.Queue == 0 {
		return defaultQueue
	}
	return s.Queue
}

// Strictest is the strictest level of TLP that is republished.
func (s Settings) Strictest() marking.Level {
	if level, ok := marking.ParseTLP(s.MaxTLP); ok {
		return level
	}
	return marking.Amber
}

// ErrNoKey says that the secret of a relay is not there.
var ErrNoKey = errors.New("the relay has no key")

// key reads the secret. White space around it does not count, so that a file may end with a line
// feed.
func (s Settings) key(lookupEnv func(string) (string, bool)) (anonymise.Key, error) {
	var secret string
	if s.KeyEnv != "" {
		secret, _ = lookupEnv(s.KeyEnv)
		if strings.TrimSpace(secret) == "" {
			return anonymise.Key{}, fmt.Errorf("%w: the environment variable %s is not set",
				ErrNoKey, s.KeyEnv)
		}
	} else {
		text, err := os.ReadFile(s.KeyFile)
		if err != nil {
			return anonymise.Key{}, fmt.Errorf("%w: %w", ErrNoKey, err)
		}
		secret = string(text)
	}
	key, err := anonymise.NewKey([]byte(strings.TrimSpace(secret)))
	if err != nil {
		return key, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	return key, nil
}

// CheckLoops returns an error if what some of the relays republish would come back to where it
// came from. resolve turns the names of collections into what they are called in the store.
func CheckLoops(all []Settings, resolve func(name string) (string, error)) error {
	next := map[string][]string{}
	for _, s := range all {
		from, err := resolve(s.From)
		if err != nil {
			continue // a collection that is not there republishes nothing
		}
		if to, err := resolve(s.To); err == nil {
			next[from] = append(next[from], to)
		}
	}
	for start := range next {
		seen, open := map[string]bool{}, []string{start}
		for len(open) > 0 {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			for _, to := range next[at] {
				if to == start {
					return errors.New("relays lead in a circle, so that what they republish would " +
						"come back for ever; leave one of them out")
				}
				if !seen[to] {
					seen[to] = true
					open = append(open, to)
				}
			}
		}
	}
	return nil
}
