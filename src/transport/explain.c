/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a failed attempt to connect is put down to, when core's words leave that open.
 * Used by: channel.c.
 * Must not know: machines; what becomes of the attempt.
 *
 * Core says "certificate verify failed" of an expired certificate and of an unknown authority alike,
 * and "Socket closed" when the server wants a certificate of ours. So the server is connected to once
 * more, by a channel that refuses it in any case, and that says what is wrong with its certificate.
 */
#include "explain.h"

#include "profile.h"

#include <stdlib.h>
#include <string.h>

/* What the refusing channel says of the server's certificate. */
struct verdict {
    enum isa_reason reason;
    const char *text;
};

struct isa__tr_explanation {
    struct isa__tr_sink sink;
    struct isa__tr_channel_config config;
    struct isa__tr_channel *channel;
    char *words; /* core's, for the attempt */
    isa__tr_explained_fn *on_done;
    void *owner; /* NULL: nobody listens any more */
};

static bool has_any(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, words[i]))
            return true;
    }
    return false;
}

static bool is_refusal(const char *words)
{
    return strstr(words, "certificate verify failed") != NULL;
}

static bool is_closed(const char *words)
{
    static const char *const all[] = { "Socket closed", "Endpoint read failed", "Broken pipe",
                                       "Connection reset by peer", "EOF" };
    return has_any(words, all, sizeof all / sizeof *all);
}

static bool has_tls(const struct isa__tr_channel_config *config)
{
    return config->profile && config->profile->has_tls;
}

void isa__tr_remark(const struct isa__tr_channel_config *config, const char *words,
                    struct isa__text *ret_words)
{
    isa__text_add(ret_words, "%s", words);
    if (!has_tls(config) && is_closed(words))
        isa__text_add(ret_words, " (before the server spoke HTTP/2; does it expect TLS?)");
    if (strstr(words, "Failed to create secure client channel") && config->profile &&
        config->profile->service_config)
        isa__text_add(ret_words, " (grpc-core refuses the service_config: a field of it has a "
                                 "wrong type or value)");
    if (strstr(words, "Handshake read failed"))
        isa__text_add(ret_words, " (no answer to the handshake within %u ms)",
                      config->connect_timeout_ms);
    if (has_tls(config) && strstr(words, "wrong version number"))
        isa__text_add(ret_words, " (what the server answers is not TLS; is it a plain-text one?)");
    if (has_tls(config) && strstr(words, "is not in peer certificate"))
        isa__text_add(ret_words, " (tls.server_name says which name to expect instead)");
    if (has_tls(config) && strstr(words, "alert handshake failure"))
        isa__text_add(ret_words, " (the server wants a certificate of ours, or another TLS)");
    if (has_tls(config) && strstr(words, "ALPN"))
        isa__text_add(ret_words, " (the server does not offer HTTP/2, which gRPC needs)");
}

/* Core's words up to its own part, then ours; or core's alone. */
static enum isa_reason explain_refusal(const char *words, const struct verdict *verdict,
                                       struct isa__text *ret_words)
{
    const char *cut = strstr(words, "Ssl handshake failed");
    if (!verdict->text || strcmp(verdict->text, ISA__TR_VERDICT_GOOD) == 0)
        cut = NULL;
    isa__text_add(ret_words, "%.*s%s", cut ? (int)(cut - words) : (int)strlen(words), words,
                  cut ? verdict->text : "");
    return cut ? verdict->reason : isa__core_reason_of_attempt(words);
}

static enum isa_reason explain_close(const struct isa__tr_profile *profile, const char *words,
                                     bool is_shaken, struct isa__text *ret_words)
{
    isa__text_add(ret_words, "%s ", words);
    if (!is_shaken)
        isa__text_add(ret_words, "(during the TLS handshake; does the server speak TLS?)");
    else if (profile->chain.file || profile->chain.text)
        isa__text_add(ret_words, "(once the TLS handshake was over on our side: most likely the "
                                 "server does not accept our client certificate)");
    else
        isa__text_add(ret_words, "(once the TLS handshake was over on our side: most likely the "
                                 "server wants a client certificate, and none is set)");
    return is_shaken ? ISA_REASON_CLIENT_CERT : isa__core_reason_of_attempt(words);
}

/* Text NULL: there is none in what was found. */
static struct verdict read_verdict(const char *found)
{
    const char *mark = strstr(found, ISA__TR_VERDICT_MARK);
    if (!mark)
        return (struct verdict){ 0 };
    char *end;
    unsigned long number = strtoul(mark + strlen(ISA__TR_VERDICT_MARK), &end, 10);
    bool is_reason = number < ISA_REASON_COUNT && *end == ' ';
    return (struct verdict){ is_reason ? (enum isa_reason)number : ISA_REASON_TLS_REFUSED,
                             *end ? end + 1 : end };
}

/* What the second look has brought, to whom it concerns. */
static void tell(struct isa__tr_explanation *explanation, const char *found)
{
    char buffer[ISA__TR_EXPLAINED_BYTES];
    struct isa__text words;
    isa__text_init(&words, buffer, sizeof buffer);
    isa__log(ISA_LOG_DEBUG, "target=%s a second look found: %s", explanation->config.target, found);
    struct verdict verdict = read_verdict(found);
    enum isa_reason reason = isa__core_reason_of_attempt(explanation->words);
    if (is_refusal(explanation->words))
        reason = explain_refusal(explanation->words, &verdict, &words);
    else if (verdict.text || is_closed(found))
        reason = explain_close(explanation->config.profile, explanation->words,
                               verdict.text != NULL, &words);
    else /* it found something else, so it explains nothing */
        isa__text_add(&words, "%s", explanation->words);
    void *owner = explanation->owner;
    explanation->owner = NULL;
    if (owner)
        explanation->on_done(owner, reason, buffer);
}

static struct isa__tr_explanation *explanation_of(struct isa__tr_sink *sink)
{
    return isa__container(sink, struct isa__tr_explanation, sink);
}

static void on_failed(struct isa__tr_sink *sink, const struct isa__cause *cause)
{
    struct isa__tr_explanation *explanation = explanation_of(sink);
    tell(explanation, cause->text);
    isa__tr_channel_retire(explanation->channel);
}

/* It refuses every server: none of these comes, and if one did, it would explain nothing. */
static void on_up(struct isa__tr_sink *sink)
{
    static const struct isa__cause none = { ISA_REASON_OTHER, "" };
    on_failed(sink, &none);
}

static void on_gone(struct isa__tr_sink *sink)
{
    struct isa__tr_explanation *explanation = explanation_of(sink);
    isa__tr_profile_unref(explanation->config.profile);
    isa__free(explanation->words);
    isa__free((char *)explanation->config.target);
    isa__free(explanation);
}

struct isa__tr_explanation *isa__tr_explain(const struct isa__tr_channel_config *config,
                                            const char *words, isa__tr_explained_fn *on_done,
                                            void *owner)
{
    if (!has_tls(config) || config->is_refusing || !(is_refusal(words) || is_closed(words)))
        return NULL;
    struct isa__tr_explanation *explanation = isa__alloc(sizeof *explanation);
    if (!explanation)
        return NULL;
    static const struct isa__tr_sink_ops ops = { on_up, on_failed, on_failed, on_failed, on_gone };
    explanation->sink.ops = &ops;
    explanation->on_done = on_done;
    explanation->owner = owner;
    explanation->config = *config;
    explanation->config.is_refusing = true;
    explanation->config.target = isa__strdup(config->target); /* the asker can go before us */
    explanation->words = isa__strdup(words);
    isa__tr_profile_ref(config->profile);
    if (explanation->words && explanation->config.target &&
        isa__tr_channel_open(&explanation->config, &explanation->sink, &explanation->channel) == 0)
        return explanation;
    on_gone(&explanation->sink);
    return NULL;
}

void isa__tr_explain_cancel(struct isa__tr_explanation *explanation)
{
    explanation->owner = NULL;
    isa__tr_channel_retire(explanation->channel);
}
