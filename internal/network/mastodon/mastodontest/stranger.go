package mastodontest

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
)

// Stranger is another account of the server that acts towards ours.
type Stranger struct {
	s      *Server
	me, us *account
}

// Stranger makes an account, when there is none yet, that acts towards the account us.
func (s *Server) Stranger(username, us string) *Stranger {
	s.AddAccount(username, "")
	s.mu.Lock()
	defer s.mu.Unlock()
	x := &Stranger{s: s, me: s.byName(username), us: s.byName(us)}
	if x.us == nil {
		panic("mastodontest: no account " + us) // a mistake in the test
	}
	return x
}

// Handle is the stranger's own.
func (x *Stranger) Handle() string { return x.s.Handle(x.me.name) }

func (x *Stranger) post(d draft) (string, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if d.visibility == "" {
		d.visibility = "public"
	}
	st, no := x.s.post(x.me, d)
	if no != nil {
		return "", errors.New("mastodontest: " + no.text)
	}
	return st.id, nil
}

// Reply answers a status as a client does: with the same visibility and naming us.
func (x *Stranger) Reply(_ context.Context, to, text string) (string, error) {
	d := draft{text: "@" + x.us.name + " " + text, replyTo: to}
	x.s.mu.Lock()
	if p := x.s.statuses[to]; p != nil {
		d.visibility = p.visibility
	}
	x.s.mu.Unlock()
	return x.post(d)
}

// Post writes something that does not name us, nor answers anything.
func (x *Stranger) Post(_ context.Context, text string) (string, error) {
	return x.post(draft{text: text})
}

// ReplyUnnamed answers a status without naming anybody.
func (x *Stranger) ReplyUnnamed(_ context.Context, to, text string) (string, error) {
	return x.post(draft{text: text, replyTo: to})
}

// Mention writes a post that names us.
func (x *Stranger) Mention(_ context.Context, text string) (string, error) {
	return x.post(draft{text: "@" + x.us.name + " " + text})
}

// MentionWithWarning writes a post that names us behind a content warning.
func (x *Stranger) MentionWithWarning(_ context.Context, warning, text string) (string, error) {
	return x.post(draft{text: "@" + x.us.name + " " + text, spoiler: warning})
}

// Message writes to us privately.
func (x *Stranger) Message(_ context.Context, text string) (string, error) {
	return x.post(draft{text: "@" + x.us.name + " " + text, visibility: "direct"})
}

// PostWithMedia writes a post that names us and carries a picture.
func (x *Stranger) PostWithMedia(_ context.Context, text, alt string) (string, error) {
	img := image.NewRGBA(image.Rect(0, 0, 32, 24))
	for i := range 32 {
		img.Set(i, i%24, color.RGBA{200, 60, 40, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", err
	}
	x.s.mu.Lock()
	f := &file{id: x.s.newID(), owner: x.me, data: b.Bytes(), mime: "image/png", kind: "image", description: alt, width: 32, height: 24}
	x.s.files[f.id] = f
	x.s.mu.Unlock()
	return x.post(draft{text: "@" + x.us.name + " " + text, media: []string{f.id}})
}

// Quote shows a status of ours with words of its own.
func (x *Stranger) Quote(_ context.Context, id, text string) (string, error) {
	x.s.mu.Lock()
	q := x.s.statuses[id]
	x.s.mu.Unlock()
	if q == nil {
		return "", errors.New("mastodontest: nothing to quote")
	}
	quote, err := x.post(draft{text: text, quote: q})
	if err != nil {
		return "", err
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.notify(q.author, "quote", x.me, x.s.statuses[quote])
	return quote, nil
}

// on does something with a status that stands.
func (x *Stranger) on(id string, do func(*status)) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	st := x.s.statuses[id]
	if st == nil || st.gone {
		return errors.New("mastodontest: no status " + id)
	}
	do(st)
	return nil
}

// Like marks a status as a favourite.
func (x *Stranger) Like(_ context.Context, id string) error {
	return x.on(id, func(st *status) { x.s.like(x.me, st) })
}

// Share boosts a status.
func (x *Stranger) Share(_ context.Context, id string) error {
	return x.on(id, func(st *status) { x.s.share(x.me, st) })
}

// Follow follows us, or asks to where our account is locked.
func (x *Stranger) Follow(context.Context) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.follows(x.me, x.us)
	return nil
}

// Edit changes the words of a status. Who was named stays named.
func (x *Stranger) Edit(_ context.Context, id, text string) error {
	return x.on(id, func(st *status) { x.s.edit(st, "@"+x.us.name+" "+text) })
}

// Delete takes a status away.
func (x *Stranger) Delete(_ context.Context, id string) error {
	return x.on(id, func(st *status) { x.s.erase(st) })
}
