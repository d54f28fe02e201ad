package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
)

// ImportSaid is what a member says about an export.
type ImportSaid struct {
	Me      string            `json:"me,omitempty" maxLength:"500" example:"Il Forno" doc:"Which of the people in it is the company: a name, handle or id as it stands there. Needed only where the export does not tell."`
	Network string            `json:"network,omitempty" maxLength:"20" example:"forum" doc:"Of a table: a word for where it comes from, small letters and figures."`
	Columns map[string]string `json:"columns,omitempty" doc:"Of a table of somebody else's making: from Ponte's names (time, text, author, stars, id ...) to the table's own."`
}

// ImportStart announces a file.
type ImportStart struct {
	Name string `json:"name" maxLength:"500" example:"takeout.zip" doc:"The file's name. Of a WhatsApp chat it says whose chat it is; once the import is over it is forgotten."`
	Size int64  `json:"size" minimum:"1" example:"104857600" doc:"How long the whole file is, in bytes; at most 50 GiB."`
	ImportSaid
}

// ImportUnread is a kind of thing that is not brought in.
type ImportUnread struct {
	Kind   string `json:"kind" example:"media" doc:"file, link, share, notice, media, shape, time, empty, record, column."`
	Detail string `json:"detail,omitempty" example:".jpg" doc:"What more is known of it."`
	Count  int    `json:"count" example:"12" doc:"How many."`
	Words  string `json:"words" example:"pictures, films, sounds" doc:"The kind in words."`
}

// ImportFound is what is in an export, as far as it has been read.
type ImportFound struct {
	Format  string         `json:"format,omitempty" example:"google" doc:"What kind of export it is."`
	Account string         `json:"account,omitempty" example:"Il Forno" doc:"Whose it is; absent: not known yet."`
	Items   int            `json:"items" example:"412" doc:"Things that can be brought in."`
	Mine    int            `json:"mine" example:"97" doc:"Of these, the company's own."`
	People  int            `json:"people" example:"210" doc:"Other people's accounts."`
	From    *time.Time     `json:"from,omitempty" example:"2019-04-05T09:30:00Z" doc:"The earliest."`
	To      *time.Time     `json:"to,omitempty" example:"2026-02-05T09:30:00Z" doc:"The latest."`
	Kinds   map[string]int `json:"kinds" doc:"How many of each kind: post, reply, mention, message, comment, review, quote."`
	Unread  []ImportUnread `json:"unread" nullable:"false" doc:"What is left out, by kind; the most first."`
}

// ImportQuestion is what must be said first.
type ImportQuestion struct {
	Names   []string          `json:"names" nullable:"false" example:"[\"Il Forno\",\"Ada Rossi\"]" doc:"Which of these is the company? Answer with me."`
	Columns []string          `json:"columns" nullable:"false" example:"[\"Data\",\"Messaggio\"]" doc:"Which column holds what? Answer with columns."`
	Rows    [][]string        `json:"rows" nullable:"false" example:"[[\"05/04/2023 09:30\",\"Pane freddo\"]]" doc:"The first rows of that table."`
	Guess   map[string]string `json:"guess,omitempty" doc:"What each column is likely to hold."`
}

// Import is an export on its way in, or brought in before.
type Import struct {
	ID       string          `json:"id,omitempty" example:"upl_01kjpzx2p0000000000000000u" doc:"Identifier; absent for what came by the command line."`
	Name     string          `json:"name,omitempty" example:"takeout.zip" doc:"Of the file, while it is here."`
	Size     int64           `json:"size" example:"104857600" doc:"Bytes of the whole file."`
	Received int64           `json:"received" example:"8388608" doc:"Bytes that are here: where the next part begins."`
	State    string          `json:"state" enum:"arriving,queued,reading,bringing,asking,done,failed,cancelled" example:"bringing" doc:"How far it is."`
	Found    *ImportFound    `json:"found,omitempty" doc:"What was found so far."`
	Question *ImportQuestion `json:"question,omitempty" doc:"While it is asking: what must be said."`
	Trouble  string          `json:"trouble,omitempty" example:"archive.damaged" doc:"Why it did not work, for programs."`
	Words    string          `json:"trouble_words,omitempty" example:"takeout.zip is damaged or cut off." doc:"The same in words, with what helps."`
	Again    bool            `json:"again" doc:"It failed by no fault of its file, which is still here: it can be tried again."`
	Channel  string          `json:"channel,omitempty" example:"chn_01kjpzx2p0000000000000000c" doc:"The channel that it went into."`
	Done     int             `json:"done" example:"200" doc:"Of the things found, how many were brought in."`
	New      int             `json:"new" example:"180" doc:"Of these, new."`
	Changed  int             `json:"changed" example:"0" doc:"Of these, put right."`
	Known    int             `json:"known" example:"20" doc:"Of these, there already."`
	Started  time.Time       `json:"started_at" example:"2026-03-02T09:00:00Z" doc:"When it began."`
	Ended    *time.Time      `json:"ended_at,omitempty" example:"2026-03-02T09:10:00Z" doc:"When it was over; absent: it is not."`
}

func (c *caller) importOf(u archive.Upload) Import {
	out := Import{
		ID: string(u.ID), Name: u.Name, Size: u.Size, Received: u.Received, State: string(u.State), Again: u.State == archive.Failed && u.Kept, Channel: string(u.Channel),
		Done: u.Done, New: u.New, Changed: u.Changed, Known: u.Known, Started: u.StartedAt, Ended: when(u.EndedAt),
	}
	if r := u.Found; r != nil {
		f := &ImportFound{
			Format: string(r.Format), Account: r.Account.Handle, Items: r.Items, Mine: r.Mine, People: r.People, From: when(r.From), To: when(r.To), Kinds: map[string]int{}, Unread: []ImportUnread{},
		}
		for _, k := range r.Kinds {
			f.Kinds[string(k.Kind)] = k.Count
		}
		for _, x := range r.Unread {
			f.Unread = append(f.Unread, ImportUnread{string(x.Kind), x.Detail, x.Count, c.words.T("archive.unread." + string(x.Kind))})
		}
		out.Found = f
	}
	if q := u.Question; q != nil {
		out.Question = &ImportQuestion{Names: strs(q.Names), Columns: []string{}, Rows: [][]string{}}
		if q.Table != nil {
			out.Question.Columns, out.Question.Rows, out.Question.Guess = strs(q.Table.Columns), q.Table.Rows, q.Table.Guess
		}
	}
	if p := u.Problem; p != nil {
		out.Trouble, out.Words = p.Key, c.words.T(p.Key, p.Args)+" "+c.words.T(p.Key+".remedy", p.Args)
	}
	return out
}

func (s ImportSaid) said() archive.Said {
	return archive.Said{Me: s.Me, Network: s.Network, Columns: s.Columns}
}

// ImportPath names an import.
type ImportPath struct {
	Import string `path:"import" example:"upl_01kjpzx2p0000000000000000u" doc:"The import's identifier."`
}

// ImportPart names a part of a file.
type ImportPart struct {
	ImportPath
	At int64 `query:"at" required:"true" minimum:"0" example:"8388608" doc:"Where the part begins: how many bytes were received so far."`
}

// ImportAnswer answers what an import asked.
type ImportAnswer struct {
	ImportPath
	Body ImportSaid
}

func (a *API) importOperations() {
	x := a.rooms.Archives
	one := func(f func(ctx context.Context, by team.Actor, id archive.UploadID) (archive.Upload, error)) func(ctx context.Context, c *caller, in *ImportPath) (*output[Import], error) {
		return func(ctx context.Context, c *caller, in *ImportPath) (*output[Import], error) {
			id, err := archive.ParseUploadID(in.Import)
			if err != nil {
				return nil, err
			}
			u, err := f(ctx, c.actor, id)
			if err != nil {
				return nil, err
			}
			return answer(c.importOf(u)), nil
		}
	}
	add(a, operation{
		id: "list-imports", method: http.MethodGet, path: "/imports", tag: tagImports, needs: team.ChannelsManage, summary: "List imports",
		description: "What is on its way and what was brought in before, also by the command line; the latest first, at most 100.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Import]], error) {
		all, err := x.Uploads(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Import]{Items: each(all, c.importOf)}), nil
	})
	add(a, operation{
		id: "begin-import", method: http.MethodPost, path: "/imports", tag: tagImports, needs: team.ChannelsManage, status: http.StatusCreated, summary: "Begin an import",
		description: "Announces a file, whose parts then follow. What every platform gives is read as it is: zip, tar.gz or a single file.", conflict: "Too many are on their way, or this is the sample company.",
	}, func(ctx context.Context, c *caller, in *struct{ Body ImportStart }) (*output[Import], error) {
		u, err := x.Begin(ctx, c.actor, archive.UploadIn{Name: in.Body.Name, Size: in.Body.Size, Said: in.Body.said()})
		if err != nil {
			return nil, err
		}
		return answer(c.importOf(u)), nil
	})
	add(a, operation{
		id: "get-import", method: http.MethodGet, path: "/imports/{import}", tag: tagImports, needs: team.ChannelsManage, summary: "Get an import",
		description: "How far it is, what was found, and what came of it.",
	}, one(x.Upload))
	add(a, operation{
		id: "add-import-part", method: http.MethodPost, path: "/imports/{import}/parts", tag: tagImports, needs: team.ChannelsManage, calls: true, upload: true, summary: "Send the next part of a file",
		description: "A form (multipart/form-data) with one `file`: the next bytes, at most 8 MiB, from where the ones before ended. With the last one the import begins. " +
			"A part that did not arrive whole does not count: ask for the import, and go on from what was received.",
		conflict: "The part begins elsewhere, or nothing more is taken.",
	}, func(ctx context.Context, c *caller, in *ImportPart) (*output[Import], error) {
		id, err := archive.ParseUploadID(in.Import)
		if err != nil {
			return nil, err
		}
		heads := c.request.MultipartForm.File["file"]
		if len(heads) != 1 {
			return nil, fault.InvalidFields(fault.Field{Name: "file", Key: "api.field.missing"})
		}
		body, err := heads[0].Open()
		if err != nil {
			return nil, err
		}
		u, err := x.Take(ctx, c.actor, id, in.At, body)
		if err := errors.Join(err, body.Close()); err != nil {
			return nil, err
		}
		return answer(c.importOf(u)), nil
	})
	a.describePart("/imports/{import}/parts")
	add(a, operation{
		id: "answer-import", method: http.MethodPost, path: "/imports/{import}/answer", tag: tagImports, needs: team.ChannelsManage, summary: "Answer what an import asks",
		description: "Says which of the people in it is the company, or which column of a table holds what. It then goes on.", conflict: "It asks nothing.",
	}, func(ctx context.Context, c *caller, in *ImportAnswer) (*output[Import], error) {
		return one(func(ctx context.Context, by team.Actor, id archive.UploadID) (archive.Upload, error) {
			return x.Answer(ctx, by, id, in.Body.said())
		})(ctx, c, &in.ImportPath)
	})
	add(a, operation{
		id: "retry-import", method: http.MethodPost, path: "/imports/{import}/retry", tag: tagImports, needs: team.ChannelsManage, summary: "Try an import again",
		description: "One that failed by no fault of its file. What came in stays.", conflict: "It did not fail, or its file is gone.",
	}, one(x.Again))
	add(a, operation{
		id: "cancel-import", method: http.MethodPost, path: "/imports/{import}/cancel", tag: tagImports, needs: team.ChannelsManage, summary: "Cancel an import",
		description: "Its file is deleted. What had come in stays.", conflict: "It is over.",
	}, one(x.Cancel))
}
