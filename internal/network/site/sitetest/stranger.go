package sitetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Stranger is a guest who comments.
type Stranger struct {
	s    *Server
	Name string
	Mail string
}

// Guest gives somebody who comments under a name of their own.
func (s *Server) Guest(name string) *Stranger {
	return &Stranger{s: s, Name: name, Mail: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"}
}

// Handle implements networktest.Stranger.
func (g *Stranger) Handle() string { return g.Name }

// Reply comments on an article, or answers a comment.
func (g *Stranger) Reply(_ context.Context, remoteID, text string) (string, error) {
	s := g.s
	s.mu.Lock()
	defer s.mu.Unlock()
	kind, _, _ := strings.Cut(remoteID, ":")
	c := &comment{id: s.next(), post: number(remoteID), name: g.Name, email: g.Mail, agent: "Mozilla/5.0", text: text, status: "approved", kind: "comment", at: s.now()}
	if kind == "comment" {
		p := s.comments[number(remoteID)]
		if p == nil {
			return "", errors.New("sitetest: no such comment")
		}
		c.post, c.parent = p.post, p.id
	}
	if s.posts[c.post] == nil {
		return "", errors.New("sitetest: no such article")
	}
	if s.opts.Moderated {
		c.status = "hold"
	}
	s.comments[c.id] = c
	return fmt.Sprintf("comment:%d", c.id), nil
}

// Mention comments on an article that stands there from the beginning.
func (g *Stranger) Mention(ctx context.Context, text string) (string, error) {
	s := g.s
	s.mu.Lock()
	first := s.posts[1]
	if first == nil {
		first = &post{id: 1, kind: "post", title: "Hello", content: "<p>Hello</p>", status: "publish", at: s.now(), modified: s.now()}
		s.posts[1] = first
	}
	s.mu.Unlock()
	return g.Reply(ctx, "post:1", text)
}

// Ping leaves a pingback from another site.
func (s *Server) Ping(remoteID, title, address, excerpt string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &comment{id: s.next(), post: number(remoteID), name: title, url: address, text: excerpt, status: "hold", kind: "pingback", at: s.now()}
	s.comments[c.id] = c
	return fmt.Sprintf("comment:%d", c.id)
}

// Put moves a comment, as somebody does at the site: "approved", "hold", "spam", "trash".
func (s *Server) Put(remoteID, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comments[number(remoteID)].status = status
}

// Message implements networktest.Stranger.
func (*Stranger) Message(context.Context, string) (string, error) { return "", errors.ErrUnsupported }

// PostWithMedia implements networktest.Stranger.
func (*Stranger) PostWithMedia(context.Context, string, string) (string, error) {
	return "", errors.ErrUnsupported
}

// Like implements networktest.Stranger.
func (*Stranger) Like(context.Context, string) error { return errors.ErrUnsupported }

// Follow implements networktest.Stranger.
func (*Stranger) Follow(context.Context) error { return errors.ErrUnsupported }

// Edit changes a comment, as the site's owner may.
func (g *Stranger) Edit(_ context.Context, remoteID, text string) error {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.s.comments[number(remoteID)].text = text
	return nil
}

// Delete removes a comment for good.
func (g *Stranger) Delete(_ context.Context, remoteID string) error {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	delete(g.s.comments, number(remoteID))
	return nil
}
