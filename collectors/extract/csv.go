package extract

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// CSV returns the cells of a table of comma-separated values (RFC 4180), a row a line with tabs
// between the cells. The error says at which line it is none; the rows before are returned.
func CSV(table []byte) ([]Section, error) {
	r := csv.NewReader(bytes.NewReader(table))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	var text bytes.Buffer
	for {
		row, err := r.Read()
		if err != nil {
			sections := []Section{{Name: "rows", Text: text.Bytes()}}
			if errors.Is(err, io.EOF) {
				return sections, nil
			}
			return sections, fmt.Errorf("read CSV: %w", err)
		}
		for _, cell := range row {
			for i := range len(cell) {
				c := cell[i]
				if c < ' ' {
					c = ' '
				}
				text.WriteByte(c)
			}
			text.WriteByte('\t')
		}
		text.WriteString("\n\n") // so that no sentence goes on in the next row
	}
}
