package linkback

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
)

// authors are the keys under which a person's pages are known.
func authors(all []audience.Identity) []string {
	var out []string
	for _, i := range all {
		if i.Network == network.Site {
			out = append(out, i.Key())
		}
	}
	return out
}

// erase forgets what a person's pages said of ours, and that ours link theirs.
func (x *Linkbacks) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (step audience.ErasureStep, err error) {
	n, err := x.eraseMentions(ctx, tx, e.Company, authors(e.Identities))
	if err != nil {
		return step, fmt.Errorf("linkback.erase: %w", err)
	}
	step.Add(audience.ErasedTraces, n)
	n, err = x.eraseLinks(ctx, tx, e)
	if err != nil {
		return step, fmt.Errorf("linkback.erase: %w", err)
	}
	step.Add(audience.ErasedTraces, n)
	return step, nil
}

// eraseLinks forgets what our pages link that names the person, and what other people's pages are called by that.
func (x *Linkbacks) eraseLinks(ctx context.Context, tx *store.Tx, e audience.Erasure) (n int, err error) {
	var hosts []string
	for _, i := range e.Identities {
		if u, err := mention.Address(i.URL); err == nil {
			hosts = append(hosts, host(u))
		}
	}
	all, err := x.sendingsTo(ctx, tx, e.Company, hosts)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		theirs := e.Names(s.Target)
		for _, i := range e.Identities {
			theirs = theirs || i.URL != "" && mention.Within(s.Target, i.URL)
		}
		if !theirs {
			continue
		}
		if err := x.deleteSending(ctx, tx, s); err != nil {
			return n, err
		}
		n++
	}
	articles, err := x.articlesOf(ctx, tx, e.Company)
	if err != nil {
		return n, err
	}
	for _, a := range articles { // what is told of an article names her no more
		var title, excerpt bool
		a.Title, title = e.Mask(a.Title)
		a.Excerpt, excerpt = e.Mask(a.Excerpt)
		if !title && !excerpt {
			continue
		}
		if err := x.saveArticle(ctx, tx, a); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// export gives how what a person's pages say came to us.
func (x *Linkbacks) export(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	all, err := x.mentionsBy(ctx, s.Company, authors(s.Identities))
	if err != nil {
		return fmt.Errorf("linkback.export: %w", err)
	}
	for _, m := range all {
		err := put(audience.Entry{Section: audience.SectionWritten, At: m.ToldAt, Text: m.Target, URL: m.Source, Facts: []audience.EntryFact{
			{Key: audience.FactNetwork, Value: string(network.Site)}, {Key: audience.FactKind, Value: string(m.Kind)}, {Key: audience.FactState, Value: string(m.State)},
		}})
		if err != nil {
			return fmt.Errorf("linkback.export: %w", err)
		}
	}
	return nil
}
