package collectors

import (
	"context"
	"time"
)

// basis is what the plan of a feed was made on. A run by any server makes another one.
type basis struct {
	revision uint64
	cut      int
}

func (s *state) basis() basis { return basis{s.revision, s.Cut} }

// watch follows what other servers do with the feeds until the plan's context ends: their runs
// move ours, and a run that was cut off has to be repeated at once.
func (p *plan) watch() {
	tick := time.NewTicker(p.runner.lookEvery())
	defer tick.Stop()
	away := false
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-tick.C:
		}
		err := p.follow()
		if err != nil && !away && p.ctx.Err() == nil {
			p.runner.cfg.Logger.Warn("feeds of other servers not watched, trying again", "err", err)
		}
		away = err != nil
	}
}

// follow plans those feeds anew whose state was written since they were planned, once they
// are in no run.
func (p *plan) follow() error {
	ctx, cancel := context.WithTimeout(p.ctx, p.runner.cfg.Lease)
	defer cancel()
	states, err := loadStates(ctx, p.runner.cfg.Documents)
	if err != nil {
		return err
	}
	for _, feed := range p.runner.sorted() {
		st := states[feed.ID]
		held := st.Holder != ""
		p.runner.judge(feed.ID, &st)
		p.runner.know(feed.ID, st)
		p.alarm(feed, st)
		if st.Holder != "" || p.madeOn(feed.ID) == st.basis() {
			continue
		}
		if held {
			p.runner.cfg.Logger.Warn("feed was cut off in a run", "feed", feed.ID, "server", st.Server)
		}
		if err := p.replan(feed.ID, 0); err != nil {
			p.runner.cfg.Logger.Error("feed cannot be planned", "feed", feed.ID, "err", err)
		}
	}
	return nil
}

func (p *plan) madeOn(id string) basis {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bases[id]
}

// alarm tells once that a feed has become stale.
func (p *plan) alarm(feed Feed, st state) {
	status, err := statusOf(feed, st, p.runner.cfg.Now())
	if err != nil {
		return // its schedule was right when it was declared
	}
	if status.Stale && !p.stale[feed.ID] {
		p.runner.cfg.Logger.Warn("feed is stale", "feed", feed.ID, "last_success", status.LastSuccess,
			"failures", status.Failures, "trouble", status.Trouble, "advice", status.Advice)
	}
	p.stale[feed.ID] = status.Stale
}
