package post

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// eraser takes a person out of what members wrote in posts: their mentions, and their names where they are mentioned. A post that has
// not gone out and named them asks again: what was approved is no longer what it says. It goes through a company's posts in
// several steps when there are many.
func (p *Posts) eraser(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	if err := p.alone(ctx, tx, e.Company); err != nil {
		return s, fmt.Errorf("post.eraser: %w", err)
	}
	n, next, err := p.maskPosts(ctx, tx, e)
	if err != nil {
		return s, fmt.Errorf("post.eraser: %w", err)
	}
	s.Add(audience.ErasedNames, n)
	s.Cursor = next
	if n == 0 {
		return s, nil
	}
	return s, p.tell(ctx, tx, team.System(e.Company), "")
}

// mask takes a person out of texts in place and tells whether any of them named the person. Where they are mentioned by the mark of
// their person, names and short handles mean them too.
type mask struct {
	e    audience.Erasure
	near bool // something beside these texts names them already
}

func (m mask) texts(texts ...*string) (changed bool) {
	near := m.near
	for _, t := range texts {
		s := person.ReplaceAllStringFunc(*t, func(mark string) string {
			if person.FindStringSubmatch(mark)[2] != string(m.e.Person) {
				return mark
			}
			return audience.Masked
		})
		if s != *t {
			*t, near, changed = s, true, true
		}
	}
	for _, t := range texts {
		f := m.e.Mask
		if near {
			f = m.e.MaskNear
		}
		if s, ok := f(*t); ok {
			*t, changed = s, true
		}
	}
	return changed
}

func (m mask) message(x *Message) bool {
	texts := []*string{&x.Title, &x.Text, &x.Warning, &x.FirstComment}
	x.Media = append([]Media(nil), x.Media...)
	for i := range x.Media {
		texts = append(texts, &x.Media[i].Alt)
	}
	x.Tags = append([]string(nil), x.Tags...)
	for i := range x.Tags {
		texts = append(texts, &x.Tags[i])
	}
	return m.texts(texts...)
}

func (m mask) written(w *Written) bool {
	changed := m.message(&w.Message)
	for ch, o := range w.Own {
		if m.own(&o) {
			w.Own[ch], changed = o, true
		}
	}
	return changed
}

func (m mask) own(o *Own) bool { return m.texts(&o.Title, &o.Text, &o.Warning, &o.FirstComment) }

// contents masks what is frozen or out. Facets would point beside the words: they go.
func (m mask) contents(cs []Content) (changed bool) {
	for i := range cs {
		if m.content(&cs[i]) {
			changed = true
		}
	}
	return changed
}

func (m mask) content(c *Content) bool {
	texts := []*string{&c.Title, &c.Text, &c.Markup, &c.Warning, &c.Card}
	for i := range c.Media {
		texts = append(texts, &c.Media[i].Alt)
	}
	for i := range c.Facets {
		texts = append(texts, &c.Facets[i].Value)
	}
	if c.Shown != nil {
		texts = append(texts, &c.Shown.Title, &c.Shown.Description)
	}
	if !m.texts(texts...) {
		return false
	}
	c.Facets = nil
	return true
}
