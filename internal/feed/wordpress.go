package feed

import (
	"encoding/xml"
	"strings"
	"time"
)

// WordPress is what a WordPress export tells of an article (WXR, https://codex.wordpress.org/Tools_Export_Screen).
type WordPress struct {
	ID       string
	Kind     string // post, page, attachment, or what plugins make
	State    string // publish, draft, private, pending, future, trash
	Comments []Comment
}

// Comment is what somebody wrote below an article.
type Comment struct {
	ID     string
	Parent string // the comment that it answers; "0" none
	Kind   string // "" or comment, pingback, trackback
	State  string // 1 approved, 0 not, spam, trash
	UserID string // of an account on the site; "" or "0" none
	Author Person
	HTML   string
	At     time.Time
}

// Member is somebody with an account on the site.
type Member struct {
	ID, Login, Email, Name string
}

// fields reads the elements below the one that is open, each as words, by their names.
func (x *xmlFeed) fields(got func(name, words string)) error {
	return x.each(func(e xml.StartElement) error {
		s, _, err := x.inner()
		got(tag(e.Name), s)
		return err
	})
}

// member reads wp:author.
func (x *xmlFeed) member() error {
	var m Member
	err := x.fields(func(name, words string) {
		switch name {
		case "wp:author_id":
			m.ID = words
		case "wp:author_login":
			m.Login = words
		case "wp:author_email":
			m.Email = words
		case "wp:author_display_name":
			m.Name = words
		}
	})
	if len(x.feed.Team) < mostMembers {
		x.feed.Team = append(x.feed.Team, m)
	}
	return err
}

// mostMembers bounds how many accounts of a site are kept.
const mostMembers = 10_000

// wordpressField reads what a WordPress export says of an article; false when it is none of that.
func (x *xmlFeed) wordpressField(d *draft, name string) (bool, error) {
	if !strings.HasPrefix(name, "wp:") {
		return false, nil
	}
	if d.WordPress == nil {
		d.WordPress = &WordPress{}
	}
	w := d.WordPress
	if name == "wp:comment" {
		return true, x.comment(w)
	}
	s, _, err := x.inner()
	switch name {
	case "wp:post_id":
		w.ID = s
	case "wp:post_type":
		w.Kind = s
	case "wp:status":
		w.State = s
	case "wp:post_date_gmt":
		if t := Moment(s); t.Year() > 1 {
			d.Published = t
		}
	case "wp:post_modified_gmt":
		if t := Moment(s); t.Year() > 1 {
			d.Updated = t
		}
	}
	return true, err
}

func (x *xmlFeed) comment(w *WordPress) error {
	var c Comment
	var local time.Time
	err := x.fields(func(name, words string) {
		switch name {
		case "wp:comment_id":
			c.ID = words
		case "wp:comment_author":
			c.Author.Name = flat(words)
		case "wp:comment_author_email":
			c.Author.Email = words
		case "wp:comment_author_url":
			c.Author.URL = words
		case "wp:comment_date_gmt":
			c.At = Moment(words)
		case "wp:comment_date":
			local = Moment(words)
		case "wp:comment_content":
			c.HTML = words
		case "wp:comment_approved":
			c.State = words
		case "wp:comment_type":
			c.Kind = words
		case "wp:comment_parent":
			c.Parent = words
		case "wp:comment_user_id":
			c.UserID = words
		}
	})
	if c.At.IsZero() { // the export of a clock that was wrong
		c.At = local
	}
	if c.UserID == "0" {
		c.UserID = ""
	}
	w.Comments = append(w.Comments, c)
	return err
}
