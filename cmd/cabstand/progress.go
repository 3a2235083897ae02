package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar is a progress bar on standard error, if that is a terminal.
type bar struct {
	bar *progressbar.ProgressBar // nil without a terminal
}

// progress starts a bar; size is in bytes, -1 if it is not known.
func (c *cli) progress(what string, size int64) *bar {
	return c.newBar(what, size, progressbar.OptionShowBytes(true))
}

// counter starts a bar that counts objects.
func (c *cli) counter(what string) *bar {
	return c.newBar(what, -1, progressbar.OptionShowIts(), progressbar.OptionSetItsString("objects"))
}

func (c *cli) newBar(what string, size int64, options ...progressbar.Option) *bar {
	terminal, ok := c.errs.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return &bar{}
	}
	options = append(options,
		progressbar.OptionSetWriter(c.errs), progressbar.OptionSetDescription(what),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	return &bar{progressbar.NewOptions64(size, options...)}
}

// set moves the bar to n. Errors of drawing are of no interest to anybody.
func (b *bar) set(n int) {
	if b.bar != nil {
		_ = b.bar.Set(n)
	}
}

func (b *bar) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}

func (b *bar) finish() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}

// reader moves the bar by what is read through it.
func (b *bar) reader(in io.Reader) *progressReader { return &progressReader{in: in, bar: b} }

type progressReader struct {
	in  io.Reader
	bar *bar
}

func (p *progressReader) Read(buf []byte) (int, error) {
	n, err := p.in.Read(buf)
	if p.bar.bar != nil {
		_ = p.bar.bar.Add(n)
	}
	return n, err
}

// pause makes room for a line of text.
func (p *progressReader) pause() { p.bar.clear() }

func (p *progressReader) done() { p.bar.finish() }
