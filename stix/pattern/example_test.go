package pattern_test

import (
	"fmt"

	"github.com/cabstand/cabstand/stix/pattern"
)

func Example() {
	p, err := pattern.Parse(`([ipv4-addr:value == '198.51.100.7' OR url:vale='https://example.com/'])`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	for _, v := range p.Values() {
		fmt.Println(v.Type, v.Path, v.Value)
	}
	for _, f := range p.Check() {
		fmt.Println(f.Level, f.Offset, f.Message)
	}
	// Output:
	// [ipv4-addr:value = '198.51.100.7' OR url:vale = 'https://example.com/']
	// ipv4-addr value 198.51.100.7
	// url vale https://example.com/
	// SHOULD 43 url has no property vale
}

func ExampleParse_error() {
	_, err := pattern.Parse(`[file:size > 'a' AND file:name IN 'b']`)
	fmt.Println(err)
	// Output:
	// pattern at byte 34: found 'b', expected an opening parenthesis
}
