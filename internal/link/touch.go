package link

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Token names a visit in the address of a page of the house, for as long as that page is open in a browser. It says nothing about a person
// and is never stored beside anything that does, until they leave a way to be reached themselves.
type Token string

// Param is the parameter in which the door hands a Token to a page of the house.
const Param = "ponte"

func tokenOf(id int64) Token { return Token(strconv.FormatInt(id, 36)) }

// Touch is what brought somebody: a link, and what it stands for.
type Touch struct {
	Link                          ID
	Code, Title                   string
	Channel, Campaign             string
	Source, Medium, Term, Content string
	Post                          string // the post that the link was made for; "" none
	Tags                          []string
	At                            time.Time // of the visit; zero when only the link is known
}

// Touches tells what brought somebody who fills in a form: the first and the last visit that they made today through links of the
// company, as far as that can be known without following them. Both are the same when there was one. ok is false when the token names none: it is
// older than visits are kept, made up, or the person asked not to be followed. It is for rooms, and asks for no permission.
func (l *Links) Touches(ctx context.Context, c team.CompanyID, t Token) (first, last Touch, ok bool, err error) {
	id, bad := strconv.ParseInt(strings.ToLower(string(t)), 36, 64)
	if bad != nil || id <= 0 || len(t) > 13 {
		return first, last, false, nil
	}
	a, b, err := l.visitsOf(ctx, c, id)
	if errors.Is(err, store.ErrMissing) && !store.Inside(ctx) { // it may wait to be written
		if err = l.Flush(ctx); err == nil {
			a, b, err = l.visitsOf(ctx, c, id)
		}
	}
	if errors.Is(err, store.ErrMissing) {
		return first, last, false, nil
	}
	if err == nil {
		if first, err = l.touchOf(ctx, c, a); err == nil {
			last, err = l.touchOf(ctx, c, b)
		}
	}
	if err != nil {
		return first, last, false, fmt.Errorf("link.Touches: %w", err)
	}
	return first, last, true, nil
}

func (l *Links) touchOf(ctx context.Context, c team.CompanyID, v visitRow) (Touch, error) {
	x, err := l.readMark(ctx, c, v.Mark)
	if err != nil {
		return Touch{}, err
	}
	t := x.touch()
	t.At = timeOf(v.ID)
	return t, nil
}

func (x Link) touch() Touch {
	return Touch{
		Link: x.ID, Code: x.Code, Title: x.Title, Channel: x.Channel, Campaign: x.Campaign, Source: x.Source, Medium: x.Medium, Term: x.Term, Content: x.Content,
		Post: x.Post, Tags: x.Tags,
	}
}

// TouchOf gives what a code stands for, for those who say or write it themselves: "I heard it on the radio". NotFound when the company has no
// such code. It is for rooms, and asks for no permission.
func (l *Links) TouchOf(ctx context.Context, c team.CompanyID, code string) (Touch, error) {
	x, err := l.readCode(ctx, c, cleanCode(code))
	if err != nil {
		return Touch{}, fmt.Errorf("link.TouchOf: %w", err)
	}
	return x.touch(), nil
}

// TouchByID gives what a link stands for. NotFound when there is none. It is for rooms, and asks for no permission.
func (l *Links) TouchByID(ctx context.Context, c team.CompanyID, id ID) (Touch, error) {
	x, err := l.read(ctx, c, id)
	if err != nil {
		return Touch{}, fmt.Errorf("link.TouchByID: %w", err)
	}
	return x.touch(), nil
}

// Own tells whether a target is a page of this house, which may know the visit.
func (w *Way) Own(target string) bool {
	rest, ok := strings.CutPrefix(target, w.base)
	return w.base != "" && ok && (rest == "" || rest[0] == '/')
}

// WithToken adds a visit's token to an address of the house.
func WithToken(address string, t Token) string {
	if t == "" {
		return address
	}
	before, fragment, hash := strings.Cut(address, "#")
	before = withParam(before, Param, url.QueryEscape(string(t)))
	if hash {
		before += "#" + fragment
	}
	return before
}
