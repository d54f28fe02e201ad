package growth

import (
	"errors"
	"log/slog"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Identifiers minted here.
type (
	CriticismID   string // names a criticism
	CaseID        string // names a case
	TaskID        string // names a task of a case
	EvidenceID    string // names a piece of evidence of a case
	PromiseID     string // names a promise
	ImprovementID string // names an improvement
	LetterID      string // names a letter back to a person
)

const (
	criticismKind   id.Kind = "crt"
	caseKind        id.Kind = "cas"
	taskKind        id.Kind = "tsk"
	evidenceKind    id.Kind = "evd"
	eventKind       id.Kind = "gev"
	promiseKind     id.Kind = "prm"
	improvementKind id.Kind = "imp"
	letterKind      id.Kind = "ltr"
	headKind        id.Kind = "hed"
)

// Rooms are the rooms below that growth is built on.
type Rooms struct {
	Store      *store.Store
	Clock      clock.Clock
	Team       *team.Team
	Queue      *queue.Queue
	Seal       *seal.Keyring
	Networks   *network.Networks
	Deliveries *delivery.Deliveries
	Audience   *audience.Audience
	Inbox      *inbox.Inbox
	Media      *media.Media
	Live       *live.Hub
	Log        *slog.Logger
	// BaseURL is the address under which the public pages stand, without a slash at its end. It is part of the record's name.
	BaseURL string
}

// Growth turns criticism into cases.
type Growth struct{ rooms Rooms }

// New makes the room and takes its places in the rooms below.
func New(r Rooms) *Growth { return &Growth{rooms: r} }

// Register adds the room's jobs to the queue.
func (g *Growth) Register(q *queue.Queue) {}

var errSkeleton = errors.New("growth: not built yet")
