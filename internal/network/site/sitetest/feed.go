package sitetest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"
)

// feed answers with the articles, the newest first, or with what the test wants it to say.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := s.opts.Feed
	if body == "" {
		body = s.rss()
	}
	if s.opts.Hub != "" && s.opts.HubHeader {
		w.Header().Add("Link", "<"+s.opts.Hub+">; rel=\"hub\", <"+s.URL+"/feed/?topic=2>; rel=self")
	}
	kind := s.opts.FeedType
	if kind == "" {
		kind = "application/rss+xml; charset=UTF-8"
	}
	sum := sha256.Sum256([]byte(body))
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	if !s.opts.NoETag {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			s.notNew++
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", kind)
	fmt.Fprint(w, body)
}

func (s *Server) rss() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>` +
		"<title>Bottega</title><link>" + s.URL + "</link><language>it-IT</language>")
	if s.opts.Hub != "" && !s.opts.HubHeader {
		b.WriteString(`<atom:link rel="hub" href="` + html.EscapeString(s.opts.Hub) + `"/><atom:link rel="self" href="` + s.URL + `/feed/?topic=1"/>`)
	}
	for _, p := range s.sorted("post") {
		if p.status == "publish" {
			fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"false\">%s/?p=%d</guid><pubDate>%s</pubDate><content:encoded><![CDATA[%s]]></content:encoded></item>",
				html.EscapeString(p.title), s.link(p), s.URL, p.id, p.at.Format(time.RFC1123Z), p.content)
		}
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

// sorted gives the articles of a kind, the last changed first. The lock is held.
func (s *Server) sorted(kind string) []*post {
	var all []*post
	for _, p := range s.posts {
		if p.kind == kind {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *post) int {
		return cmp.Or(b.modified.Compare(a.modified), cmp.Compare(b.id, a.id))
	})
	return all
}

func (s *Server) link(p *post) string { return fmt.Sprintf("%s/%s/%d/", s.URL, p.kind, p.id) }

// SetHub changes the hub that the feed names; "": none.
func (s *Server) SetHub(hub string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Hub = hub
}

// SetFeed changes what the feed says.
func (s *Server) SetFeed(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Feed = body
}

func (s *Server) next() int64 { s.seq++; return s.seq }

func (s *Server) now() time.Time { return s.opts.Now().UTC().Truncate(time.Second) }

// Write puts an article on the site, as somebody does in its own editor.
func (s *Server) Write(title, content string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &post{id: s.next(), kind: "post", title: title, content: content, status: "publish", at: s.now(), modified: s.now()}
	s.posts[p.id] = p
	return fmt.Sprintf("post:%d", p.id)
}

// Rewrite changes an article.
func (s *Server) Rewrite(id, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.posts[number(id)]
	p.content, p.modified = content, s.now()
}

// Content gives what stands in an article, as it was written, and its status.
func (s *Server) Content(id string) (content, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.posts[number(id)]; p != nil {
		return p.content, p.status
	}
	return "", ""
}

// Articles tells how many articles and pages there are that are not in the bin; Files how many files.
func (s *Server) Articles() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, p := range s.posts {
		if p.status != "trash" {
			n++
		}
	}
	return n
}

// Files tells how many files are in the library.
func (s *Server) Files() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.media)
}

// Comments tells how many comments contain a text, wherever they were put.
func (s *Server) Comments(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.comments {
		if strings.Contains(c.text, text) {
			n++
		}
	}
	return n
}

// Status gives where a comment was put.
func (s *Server) Status(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.comments[number(id)]; c != nil {
		return c.status
	}
	return ""
}

func number(id string) int64 {
	var n int64
	_, rest, _ := strings.Cut(id, ":")
	_, _ = fmt.Sscan(rest, &n)
	return n
}
