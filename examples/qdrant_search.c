/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a vector database in four calls: make a collection, store points, search, drop it.
 * Used by: readers; tests/interop runs it.  example-qdrant-search 127.0.0.1:6334
 * Must not know: grpc-core, threads.
 *
 * Each reply starts the next call, all on the program's own loop.
 */
#include <isa/isa.h>

#include <ev.h>

#include "qdrant_search.isa.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { DIMENSIONS = 4, SONGS = 4 };
#define COLLECTION "songs"

/* What a song is: how loud, fast, sad and old. */
static const struct song {
    uint64_t id;
    const char *title;
    float vector[DIMENSIONS];
} songs[SONGS] = {
    { 1, "Engine at Dawn", { 0.9f, 0.9f, 0.1f, 0.3f } },
    { 2, "Lullaby for a Clock", { 0.1f, 0.2f, 0.4f, 0.8f } },
    { 3, "Rain on the Relay", { 0.2f, 0.1f, 0.9f, 0.5f } },
    { 4, "Ten Thousand Sockets", { 0.8f, 1.0f, 0.2f, 0.1f } },
};

/* A point and the parts that it points to. */
struct point {
    Qdrant__PointStruct message;
    Qdrant__PointId id;
    Qdrant__Vectors vectors;
    Qdrant__Vector vector;
    Qdrant__DenseVector dense;
    Qdrant__PointStruct__PayloadEntry entry;
    Qdrant__PointStruct__PayloadEntry *entries[1];
    Qdrant__Value title;
};

static void point_init(struct point *point, const struct song *song)
{
    qdrant__point_id__init(&point->id);
    point->id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
    point->id.num = song->id;
    qdrant__dense_vector__init(&point->dense);
    point->dense.n_data = DIMENSIONS;
    point->dense.data = (float *)song->vector;
    qdrant__vector__init(&point->vector);
    point->vector.vector_case = QDRANT__VECTOR__VECTOR_DENSE;
    point->vector.dense = &point->dense;
    qdrant__vectors__init(&point->vectors);
    point->vectors.vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR;
    point->vectors.vector = &point->vector;
    qdrant__value__init(&point->title);
    point->title.kind_case = QDRANT__VALUE__KIND_STRING_VALUE;
    point->title.string_value = (char *)song->title;
    qdrant__point_struct__payload_entry__init(&point->entry);
    point->entry.key = (char *)"title";
    point->entry.value = &point->title;
    point->entries[0] = &point->entry;
    qdrant__point_struct__init(&point->message);
    point->message.id = &point->id;
    point->message.vectors = &point->vectors;
    point->message.n_payload = 1;
    point->message.payload = point->entries;
}

/* Say why a step failed and close, which ends the program; the step's outcome is not looked at. */
static void give_up(struct isa_conn *conn, const char *step, const char *why)
{
    fprintf(stderr, "%s: %s\n", step, why);
    isa_conn_close(conn, 0);
}

static bool has_failed(struct isa_call *call, const char *step, const struct isa_reply *reply)
{
    if (reply->status.code == ISA_STATUS_OK)
        return false;
    fprintf(stderr, "%s: ", isa_status_name((int)reply->status.code));
    give_up(isa_call_conn(call), step, reply->status.message);
    return true;
}

static void go_on(struct isa_call *call, const char *step, int error)
{
    if (error < 0)
        give_up(isa_call_conn(call), step, isa_error_text(error));
}

static void on_dropped(struct isa_call *call, const Qdrant__CollectionOperationResponse *response,
                       const struct isa_reply *reply, void *user)
{
    bool *is_done = user;
    (void)response;
    if (has_failed(call, "drop", reply))
        return;
    *is_done = true;
    printf("dropped " COLLECTION "\n");
    isa_conn_close(isa_call_conn(call), 0); /* then nothing keeps the loop running */
}

static void on_found(struct isa_call *call, const Qdrant__SearchResponse *response,
                     const struct isa_reply *reply, void *user)
{
    if (has_failed(call, "search", reply))
        return;
    for (size_t i = 0; i < response->n_result; i++) {
        const Qdrant__ScoredPoint *found = response->result[i];
        const char *title = "?";
        if (found->n_payload == 1 && found->payload[0]->value != NULL &&
            found->payload[0]->value->kind_case == QDRANT__VALUE__KIND_STRING_VALUE)
            title = found->payload[0]->value->string_value;
        printf("  %.3f  %" PRIu64 "  %s\n", (double)found->score, found->id->num, title);
    }

    Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
    request.collection_name = (char *)COLLECTION;
    go_on(call, "drop",
          qdrant_collections_delete(isa_call_conn(call), &request, NULL, on_dropped, user, NULL));
}

static void on_stored(struct isa_call *call, const Qdrant__PointsOperationResponse *response,
                      const struct isa_reply *reply, void *user)
{
    float loud_and_fast[DIMENSIONS] = { 1, 1, 0, 0 };
    Qdrant__WithPayloadSelector payload = QDRANT__WITH_PAYLOAD_SELECTOR__INIT;
    Qdrant__SearchPoints request = QDRANT__SEARCH_POINTS__INIT;
    (void)response;
    if (has_failed(call, "store", reply))
        return;
    printf("stored %d points; the loud and fast ones are\n", SONGS);

    payload.selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
    payload.enable = true;
    request.collection_name = (char *)COLLECTION;
    request.n_vector = DIMENSIONS;
    request.vector = loud_and_fast;
    request.limit = SONGS;
    request.with_payload = &payload;
    qdrant__search_points__set_score_threshold(&request, 0.5f);
    go_on(call, "search",
          qdrant_points_search(isa_call_conn(call), &request, NULL, on_found, user, NULL));
}

static void on_created(struct isa_call *call, const Qdrant__CollectionOperationResponse *response,
                       const struct isa_reply *reply, void *user)
{
    struct point points[SONGS];
    Qdrant__PointStruct *list[SONGS];
    Qdrant__UpsertPoints request = QDRANT__UPSERT_POINTS__INIT;
    (void)response;
    if (has_failed(call, "create", reply))
        return;
    printf("created " COLLECTION "\n");

    for (size_t i = 0; i < SONGS; i++) {
        point_init(&points[i], &songs[i]);
        list[i] = &points[i].message;
    }
    request.collection_name = (char *)COLLECTION;
    request.n_points = SONGS;
    request.points = list;
    qdrant__upsert_points__set_wait(&request, true);
    go_on(call, "store",
          qdrant_points_upsert(isa_call_conn(call), &request, NULL, on_stored, user, NULL));
}

static int create(struct isa_conn *conn, bool *is_done)
{
    Qdrant__VectorParams params = QDRANT__VECTOR_PARAMS__INIT;
    Qdrant__VectorsConfig config = QDRANT__VECTORS_CONFIG__INIT;
    Qdrant__CreateCollection request = QDRANT__CREATE_COLLECTION__INIT;
    params.size = DIMENSIONS;
    params.distance = QDRANT__DISTANCE__Cosine;
    config.config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS;
    config.params = &params;
    request.collection_name = (char *)COLLECTION;
    request.vectors_config = &config;
    return qdrant_collections_create(conn, &request, NULL, on_created, is_done, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s TARGET\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    bool is_done = false;

    int error = isa_conn_open(loop, argv[1], NULL, &conn);
    if (error == 0)
        error = create(conn, &is_done);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0); /* returns when there is nothing left to wait for */
    isa_conn_unref(conn);
    return is_done ? 0 : 1;
}
