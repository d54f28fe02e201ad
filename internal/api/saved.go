package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// SavedReply is a text that the team uses again.
type SavedReply struct {
	ID      string    `json:"id" example:"sav_01kjpzx2p0000000000000000q" doc:"Identifier."`
	Title   string    `json:"title" example:"Shipping abroad" doc:"Title."`
	Body    string    `json:"body" example:"Hello {name}, yes, we ship abroad." doc:"Text with placeholders."`
	Used    int       `json:"used" example:"12" doc:"How many times it was used."`
	Updated time.Time `json:"updated_at" example:"2026-03-02T09:00:00Z" doc:"When it was last changed."`
}

func savedOf(s inbox.SavedReply) SavedReply {
	return SavedReply{ID: s.ID, Title: s.Title, Body: s.Body, Used: s.Used, Updated: s.UpdatedAt.UTC()}
}

// SavedReplyIn is the text of a saved reply.
type SavedReplyIn struct {
	Title string `json:"title" example:"Shipping abroad" doc:"1 to 80 characters."`
	Body  string `json:"body" example:"Hello {name}, yes, we ship abroad." doc:"1 to 5000 characters. Placeholders: {name}, {company}, {me}, {channel}, or in Italian {nome}, {azienda}, {io}, {canale}."`
}

// Filling says for which conversation.
type Filling struct {
	Conversation string `json:"conversation" example:"cnv_01kjpzx2p0000000000000000g" doc:"Whose names are filled in."`
}

// Filled is a saved reply with its placeholders filled.
type Filled struct {
	Text string `json:"text" example:"Hello Ada, yes, we ship abroad." doc:"Ready to be sent."`
}

// SavedPath says which one.
type SavedPath struct {
	Saved string `path:"saved" example:"sav_01kjpzx2p0000000000000000q" doc:"The saved reply's identifier."`
}

// Label is a word of the company's own.
type Label struct {
	ID   string `json:"id" example:"lab_01kjpzx2p0000000000000000l" doc:"Identifier."`
	Name string `json:"name" example:"shipping" doc:"The word."`
}

func labelOf(l inbox.Label) Label { return Label{ID: l.ID, Name: l.Name} }

func (a *API) savedOperations() {
	x := a.rooms.Inbox
	add(a, operation{
		id: "list-saved-replies", method: http.MethodGet, path: "/saved-replies", tag: tagSaved, needs: team.SavedRepliesUse,
		summary: "List saved replies", description: "All saved replies, most used first.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[SavedReply]], error) {
		ss, err := x.SavedReplies(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[SavedReply]{Items: each(ss, savedOf)}), nil
	})
	add(a, operation{
		id: "add-saved-reply", method: http.MethodPost, path: "/saved-replies", tag: tagSaved, needs: team.SavedReplies, status: http.StatusCreated,
		summary: "Make a saved reply", description: "A placeholder that does not exist is refused, so that no customer ever reads one.",
	}, func(ctx context.Context, c *caller, in *struct{ Body SavedReplyIn }) (*output[SavedReply], error) {
		s, err := x.SaveReply(ctx, c.actor, inbox.SavedReply{Title: in.Body.Title, Body: in.Body.Body})
		if err != nil {
			return nil, err
		}
		return answer(savedOf(s)), nil
	})
	add(a, operation{
		id: "change-saved-reply", method: http.MethodPut, path: "/saved-replies/{saved}", tag: tagSaved, needs: team.SavedReplies,
		summary: "Change a saved reply", description: "Replaces title and text.",
	}, func(ctx context.Context, c *caller, in *struct {
		SavedPath
		Body SavedReplyIn
	},
	) (*nothing, error) {
		_, err := x.SaveReply(ctx, c.actor, inbox.SavedReply{ID: in.Saved, Title: in.Body.Title, Body: in.Body.Body})
		return nil, err
	})
	add(a, operation{
		id: "delete-saved-reply", method: http.MethodDelete, path: "/saved-replies/{saved}", tag: tagSaved, needs: team.SavedReplies,
		summary: "Delete a saved reply", description: "What was sent with it stays as it is.",
	}, func(ctx context.Context, c *caller, in *SavedPath) (*nothing, error) {
		return nil, x.DeleteSavedReply(ctx, c.actor, in.Saved)
	})
	add(a, operation{
		id: "fill-saved-reply", method: http.MethodPost, path: "/saved-replies/{saved}/fill", tag: tagSaved, needs: team.SavedRepliesUse,
		summary: "Fill a saved reply", description: "Fills the placeholders for a conversation and counts the use. Nothing is sent.",
	}, func(ctx context.Context, c *caller, in *struct {
		SavedPath
		Body Filling
	},
	) (*output[Filled], error) {
		text, err := x.UseSavedReply(ctx, c.actor, in.Saved, inbox.ConversationID(in.Body.Conversation))
		if err != nil {
			return nil, err
		}
		return answer(Filled{Text: text}), nil
	})
	add(a, operation{
		id: "list-labels", method: http.MethodGet, path: "/labels", tag: tagLabels, needs: team.InboxRead,
		summary: "List labels", description: "The company's labels.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Label]], error) {
		ls, err := x.Labels(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Label]{Items: each(ls, labelOf)}), nil
	})
	add(a, operation{
		id: "delete-label", method: http.MethodDelete, path: "/labels/{label}", tag: tagLabels, needs: team.SavedReplies,
		summary: "Delete a label", description: "Removes it from the company and from every conversation.",
	}, func(ctx context.Context, c *caller, in *struct {
		Label string `path:"label" example:"lab_01kjpzx2p0000000000000000l" doc:"The label's identifier."`
	},
	) (*nothing, error) {
		return nil, x.DeleteLabel(ctx, c.actor, in.Label)
	})
}
