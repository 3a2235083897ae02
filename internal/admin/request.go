package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Error is a request that the handler refused.
type Error struct {
	Status  int
	Message string // a sentence
}

func (e *Error) Error() string { return e.Message }

// faultyError is the refusal of a declaration.
type faultyError struct {
	refused *Error
	faults  declaredFaults
}

func (e *faultyError) Error() string { return e.refused.Message }
func (e *faultyError) Unwrap() error { return e.refused }

// call sends in, if any, as JSON and decodes the answer into out.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.ReadCloser
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("write request: %w", err)
		}
		body = io.NopCloser(bytes.NewReader(text))
	}
	answer, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("read answer: %w", noEOF(err))
	}
	return nil
}

// send returns an answer with status 200.
func (c *Client) send(
	ctx context.Context, method, path string, body io.ReadCloser,
) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.Body = body
	r.Header.Set("Authorization", "Bearer "+c.secret)
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	defer answer.Body.Close()
	var told errorBody
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil || told.Error == "" {
		told.Error = "the server answered " + answer.Status
	}
	refused := &Error{answer.StatusCode, told.Error}
	if len(told.Faults) > 0 {
		return nil, &faultyError{refused, told.Faults}
	}
	return nil, refused
}

// noEOF makes the end of an answer before its last line an error that says so.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
