package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// Public is what the growth page shows. Nothing in it names a person who did not agree to be named.
type Public struct {
	Company      team.Company
	Settings     Settings
	Figures      record.Figures
	Improvements []Improvement // newest first
	Next         string        // cursor; "" at the end
	Working      []Working     // what is being worked on, newest first
	Declined     []Refusal     // newest first, at most 20
	Size         int64         // leaves of the record
	Head         string        // short fingerprint of the record's head
	HeadAt       time.Time
	Version      string // changes whenever anything of the page does: for caches and ETag
}

// Working is an open case as the public sees it.
type Working struct {
	Title  string
	State  CaseState
	Voices int
	Since  time.Time // when the first of them was heard
}

// Refusal is a declined case as the public sees it.
type Refusal struct {
	Title  string
	Reason Words
	Voices int
	At     time.Time
}

// Page gives the growth page of a company. It is for the public door; a company that has not opened its page gives NotFound unless
// inside is set (members look at their own).
func (g *Growth) Page(ctx context.Context, c team.CompanyID, cursor string, limit int, inside bool) (Public, error) {
	return Public{}, errSkeleton
}

// Entry gives one published improvement by its number.
func (g *Growth) Entry(ctx context.Context, c team.CompanyID, number int) (Improvement, error) {
	return Improvement{}, errSkeleton
}

// HeadPost is the weekly public post of the record's head, prepared for a person's yes.
type HeadPost struct {
	ID     string
	Text   string
	Size   int64
	MadeAt time.Time
	State  LetterState // LetterDraft, LetterSent, LetterSkipped
	URLs   []string    // where it stands
}

// HeadPosts lists the prepared and sent posts of the head, newest first, at most 20. It needs GrowthRead.
func (g *Growth) HeadPosts(ctx context.Context, actor team.Actor) ([]HeadPost, error) {
	return nil, errSkeleton
}

// SendHead says yes: the post goes out on these channels. It needs GrowthPublish.
func (g *Growth) SendHead(ctx context.Context, actor team.Actor, id string, channels []string) error {
	return errSkeleton
}

// SkipHead decides not to post it. It needs GrowthPublish.
func (g *Growth) SkipHead(ctx context.Context, actor team.Actor, id string) error { return errSkeleton }
