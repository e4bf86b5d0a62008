import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/**
 * The peer on Kafka Streams, exactly once: identities, accounts and rollups in persistent stores, codes and standings in
 * a global table, a repartitioning from invitees to referrers, and interactive queries.
 *
 * <p>Arguments: bootstrap, state folder, lines in the topic, first day, last day, referrers asked about, times.
 */
public final class Streams {
    static final ObjectMapper JSON = new ObjectMapper();
    static final AtomicLong ACCEPTED = new AtomicLong();
    static final AtomicLong DUPLICATE = new AtomicLong();
    static final AtomicLong SENT = new AtomicLong();
    static final AtomicLong TOTALLED = new AtomicLong();
    static volatile long began;

    public static void main(String[] given) throws Exception {
        String bootstrap = given[0];
        Path folder = Path.of(given[1]);
        long lines = Long.parseLong(given[2]);
        KafkaStreams streams = new KafkaStreams(topology().build(), properties(bootstrap, folder));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        while (ACCEPTED.get() + DUPLICATE.get() < lines || TOTALLED.get() < SENT.get()) {
            Thread.sleep(5);
        }
        awaitCommit(bootstrap);
        double seconds = (System.nanoTime() - began) / 1e9;
        Answers answers = new Answers(streams, given[3], given[4]);
        int referrers = Integer.parseInt(given[5]);
        int times = Integer.parseInt(given[6]);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("in_seconds", seconds);
        told.put("answers", answers.all(referrers));
        told.put("latency", answers.latency(referrers, times));
        streams.close(Duration.ofSeconds(30));
        told.put("disk_bytes", bytesBelow(folder));
        System.out.println(JSON.writeValueAsString(told));
    }

    /** Whether all of the topic is committed, and so done exactly once. */
    static void awaitCommit(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            while (true) {
                Map<TopicPartition, OffsetAndMetadata> committed =
                        admin.listConsumerGroupOffsets("peer").partitionsToOffsetAndMetadata().get();
                Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
                for (int partition = 0; partition < 12; partition++) {
                    asked.put(new TopicPartition("events", partition), OffsetSpec.latest());
                }
                boolean done = admin.listOffsets(asked).all().get().entrySet().stream().allMatch(end -> {
                    OffsetAndMetadata at = committed.get(end.getKey());
                    return end.getValue().offset() == 0 || at != null && at.offset() >= end.getValue().offset();
                });
                if (done) {
                    return;
                }
                Thread.sleep(20);
            }
        }
    }

    static Properties properties(String bootstrap, Path folder) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);
        return properties;
    }

    static StreamsBuilder topology() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.globalTable("codes", Consumed.with(Serdes.String(), Serdes.String()), Materialized.as("codes"));
        for (String name : List.of("seen", "accounts", "daily", "traders")) {
            builder.addStateStore(store(name));
        }
        builder.stream("events", Consumed.with(Serdes.String(), Serdes.ByteArray()))
                .process(Rating::new, "seen", "accounts")
                .repartition(Repartitioned.with(Serdes.String(), Serdes.String())
                        .withName("by-referrer").withNumberOfPartitions(12))
                .process(Totals::new, "daily", "traders");
        return builder;
    }

    static StoreBuilder<KeyValueStore<String, String>> store(String name) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.String())
                .withCachingEnabled();
    }

    static long bytesBelow(Path folder) throws Exception {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** Leaves out what came before, and rates each trade by its account's code. */
    static final class Rating extends ContextualProcessor<String, byte[], String, String> {
        private KeyValueStore<String, String> seen;
        private KeyValueStore<String, String> accounts;
        private KeyValueStore<String, ValueAndTimestamp<String>> codes;

        @Override
        public void init(ProcessorContext<String, String> context) {
            super.init(context);
            seen = context.getStateStore("seen");
            accounts = context.getStateStore("accounts");
            codes = context.getStateStore("codes");
        }

        @Override
        public void process(Record<String, byte[]> record) {
            if (began == 0) {
                began = System.nanoTime();
            }
            try {
                JsonNode event = JSON.readTree(record.value());
                String identity = record.key() + "|" + event.get("source").asText() + "|" + event.get("id").asText();
                if (seen.putIfAbsent(identity, "") != null) {
                    DUPLICATE.incrementAndGet();
                    return;
                }
                JsonNode data = event.get("data");
                String type = event.get("type").asText();
                if (type.equals("referral.registration.v1")) {
                    register(record, event.get("time").asText(), data);
                } else if (type.equals("referral.trade.v1")) {
                    rate(record, event.get("time").asText(), data);
                }
                ACCEPTED.incrementAndGet();
            } catch (java.io.IOException error) {
                throw new IllegalStateException(error);
            }
        }

        /** An account: referrer, registered, relationship, rates of spot and futures, rebates, window, first trade. */
        private void register(Record<String, byte[]> record, String time, JsonNode data) throws java.io.IOException {
            JsonNode code = JSON.readTree(codes.get(data.get("code").asText()).value());
            String window = code.get("window").asText();
            String[] account = {
                code.get("owner").asText(), time, data.get("relationship").asText(), code.get("spot_base").asText(),
                code.get("futures_base").asText(), code.get("spot_rebate").asText(),
                code.get("futures_rebate").asText(), window, ""
            };
            accounts.put(record.key(), String.join(",", account));
            send(record, account[0], "registered", time.substring(0, 10), record.key());
        }

        private void rate(Record<String, byte[]> record, String time, JsonNode data) {
            String[] account = accounts.get(record.key()).split(",", -1);
            String day = time.substring(0, 10);
            boolean isFutures = data.get("product").asText().equals("futures");
            int vip = data.get("vip_level").asInt();
            BigInteger fee = units(data.get("fee_usd").asText());
            BigInteger volume = units(data.get("volume_usd").asText());
            boolean isEligible = fee.signum() > 0 && vip <= (isFutures ? 1 : 2)
                    && (account[2].equals("both") || account[2].equals(isFutures ? "futures" : "spot"))
                    && (!isFutures || account[7].equals("none") || Instant.parse(time).isBefore(
                            Instant.parse(account[1]).plus(Duration.ofDays(Long.parseLong(account[7])))));
            BigInteger total = isEligible ? cut(fee, account[isFutures ? 4 : 3]) : BigInteger.ZERO;
            BigInteger rebate = isEligible ? cut(fee, account[isFutures ? 6 : 5]) : BigInteger.ZERO;
            BigInteger zero = BigInteger.ZERO;
            BigInteger commission = total.subtract(rebate);
            String sums = (isFutures ? zero : commission) + " " + (isFutures ? commission : zero) + " " + rebate + " "
                    + (isFutures ? zero : volume) + " " + (isFutures && vip <= 1 ? volume : zero) + " " + volume;
            if (account[8].isEmpty() || day.compareTo(account[8]) < 0) {
                String before = account[8];
                account[8] = day;
                accounts.put(record.key(), String.join(",", account));
                send(record, account[0], "first", day, before);
            }
            send(record, account[0], "trade", day, record.key() + "," + sums);
        }

        private void send(Record<String, byte[]> record, String referrer, String kind, String day, String rest) {
            SENT.incrementAndGet();
            context().forward(record.withKey(referrer).withValue(kind + "," + day + "," + rest));
        }

        private static BigInteger units(String amount) {
            return new BigDecimal(amount).movePointRight(8).toBigIntegerExact();
        }

        private static BigInteger cut(BigInteger fee, String millionths) {
            return fee.multiply(new BigInteger(millionths)).divide(BigInteger.valueOf(1_000_000));
        }
    }

    /** Adds up by referrer and day: six amounts, then registrations and firsts. */
    static final class Totals extends ContextualProcessor<String, String, Void, Void> {
        private KeyValueStore<String, String> daily;
        private KeyValueStore<String, String> traders;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            daily = context.getStateStore("daily");
            traders = context.getStateStore("traders");
        }

        @Override
        public void process(Record<String, String> record) {
            String[] parts = record.value().split(",", -1);
            String[] added = {"0", "0", "0", "0", "0", "0", "0", "0"};
            if (parts[0].equals("trade")) {
                System.arraycopy(parts[3].split(" "), 0, added, 0, 6);
                traders.putIfAbsent(record.key() + "|" + parts[1] + "|" + parts[2], "");
            } else if (parts[0].equals("registered")) {
                added[6] = "1";
            } else {
                added[7] = "1";
                if (!parts[2].isEmpty()) {
                    add(record.key() + "|" + parts[2], new String[] {"0", "0", "0", "0", "0", "0", "0", "-1"});
                }
            }
            add(record.key() + "|" + parts[1], added);
            TOTALLED.incrementAndGet();
        }

        private void add(String key, String[] added) {
            String before = daily.get(key);
            if (before == null) {
                daily.put(key, String.join(" ", added));
                return;
            }
            String[] sums = before.split(" ");
            for (int at = 0; at < sums.length; at++) {
                sums[at] = new BigInteger(sums[at]).add(new BigInteger(added[at])).toString();
            }
            daily.put(key, String.join(" ", sums));
        }
    }

    /** The questions, asked of the stores. */
    static final class Answers {
        private final ReadOnlyKeyValueStore<String, String> daily;
        private final ReadOnlyKeyValueStore<String, String> traders;
        private final String from;
        private final String to;

        Answers(KafkaStreams streams, String from, String to) {
            var type = QueryableStoreTypes.<String, String>keyValueStore();
            daily = streams.store(StoreQueryParameters.fromNameAndType("daily", type));
            traders = streams.store(StoreQueryParameters.fromNameAndType("traders", type));
            this.from = from;
            this.to = to;
        }

        Map<String, Object> all(int referrers) {
            Map<String, Object> all = new LinkedHashMap<>();
            Map<String, Object> overviews = new LinkedHashMap<>();
            Map<String, Object> days = new LinkedHashMap<>();
            for (int uid = 1; uid <= referrers; uid++) {
                overviews.put(String.valueOf(uid), overview(uid));
                days.put(String.valueOf(uid), byDay(uid));
            }
            all.put("overview", overviews);
            all.put("by_day", days);
            all.put("traded", traded());
            all.put("top", top());
            all.put("counts", Map.of("accepted", ACCEPTED.get(), "duplicate", DUPLICATE.get()));
            return all;
        }

        Map<String, Object> overview(int uid) {
            BigInteger[] sums = new BigInteger[8];
            Arrays.fill(sums, BigInteger.ZERO);
            each(daily, uid + "|" + from, uid + "|" + to, (key, value) -> add(sums, value));
            HashSet<String> distinct = new HashSet<>();
            each(traders, uid + "|" + from, uid + "|" + to + "~", (key, value) ->
                    distinct.add(key.substring(key.lastIndexOf('|'))));
            Map<String, Object> metrics = new LinkedHashMap<>();
            metrics.put("total_rewards", usd(sums[0].add(sums[1])));
            metrics.put("spot_commission", usd(sums[0]));
            metrics.put("futures_commission", usd(sums[1]));
            metrics.put("shared_commission", usd(sums[2]));
            metrics.put("total_referrals", sums[6].intValue());
            metrics.put("first_time_trade", sums[7].intValue());
            metrics.put("traded", distinct.size());
            metrics.put("spot_volume", usd(sums[3]));
            metrics.put("futures_volume", usd(sums[4]));
            metrics.put("total_volume", usd(sums[5]));
            return metrics;
        }

        Map<String, String> byDay(int uid) {
            Map<String, String> days = new LinkedHashMap<>();
            each(daily, uid + "|" + from, uid + "|" + to, (key, value) -> {
                BigInteger total = rewards(value);
                if (total.signum() != 0) {
                    days.put(key.substring(key.indexOf('|') + 1), usd(total));
                }
            });
            return days;
        }

        int traded() {
            HashSet<String> distinct = new HashSet<>();
            each(traders, null, null, (key, value) -> {
                String[] parts = key.split("\\|");
                if (parts[1].compareTo(from) >= 0 && parts[1].compareTo(to) <= 0) {
                    distinct.add(parts[2]);
                }
            });
            return distinct.size();
        }

        List<List<Object>> top() {
            Map<Long, BigInteger> totals = new HashMap<>();
            each(daily, null, null, (key, value) -> {
                String[] parts = key.split("\\|");
                if (parts[1].compareTo(from) >= 0 && parts[1].compareTo(to) <= 0) {
                    totals.merge(Long.parseLong(parts[0]), rewards(value), BigInteger::add);
                }
            });
            List<Map.Entry<Long, BigInteger>> sorted = new ArrayList<>(totals.entrySet());
            sorted.sort(Map.Entry.<Long, BigInteger>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
            Collections.reverse(sorted);
            List<List<Object>> rows = new ArrayList<>();
            sorted.stream().limit(10).forEach(row -> rows.add(List.of(row.getKey(), usd(row.getValue()))));
            return rows;
        }

        Map<String, double[]> latency(int referrers, int times) {
            Map<String, double[]> all = new LinkedHashMap<>();
            all.put("overview", timed(this::overview, referrers, times));
            all.put("by_day", timed(this::byDay, referrers, times));
            all.put("traded", timed(uid -> traded(), 1, times));
            all.put("top", timed(uid -> top(), 1, times));
            return all;
        }

        /** Median and p99 in milliseconds, after a warm-up. */
        private static double[] timed(Function<Integer, Object> ask, int referrers, int times) {
            List<Double> took = new ArrayList<>();
            long limit = System.nanoTime() + 20_000_000_000L;
            for (int turn = 0; turn < times + 5 && System.nanoTime() < limit; turn++) {
                long begun = System.nanoTime();
                ask.apply(1 + turn % referrers);
                if (turn >= 5) {
                    took.add((System.nanoTime() - begun) / 1e6);
                }
            }
            Collections.sort(took);
            return new double[] {took.get(took.size() / 2), took.get(took.size() * 99 / 100)};
        }

        private interface Row {
            void take(String key, String value);
        }

        private static void each(ReadOnlyKeyValueStore<String, String> store, String first, String last, Row row) {
            try (KeyValueIterator<String, String> rows = first == null ? store.all() : store.range(first, last)) {
                while (rows.hasNext()) {
                    KeyValue<String, String> next = rows.next();
                    row.take(next.key, next.value);
                }
            }
        }

        private static void add(BigInteger[] sums, String value) {
            String[] parts = value.split(" ");
            for (int at = 0; at < sums.length; at++) {
                sums[at] = sums[at].add(new BigInteger(parts[at]));
            }
        }

        private static BigInteger rewards(String value) {
            String[] parts = value.split(" ");
            return new BigInteger(parts[0]).add(new BigInteger(parts[1]));
        }

        private static String usd(BigInteger units) {
            BigDecimal amount = new BigDecimal(units, 8);
            return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
        }
    }
}
